/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Two RSA-2048 keys made for these tests and used nowhere else: generating them in every
 * program would make the runs slow and never the same twice.
 */

#define FX_KEY_RA                                                                                  \
	"-----BEGIN PRIVATE KEY-----\n"                                                            \
	"MIIEvAIBADANBgkqhkiG9w0BAQEFAASCBKYwggSiAgEAAoIBAQDOGlRwFkHLw42f\n"                       \
	"FSUSdPzPa0beDaOA7rVQ2FQ9pEBjT4zniAWsmTGbmXMnT5pVN5rppfoQdvrbESCJ\n"                       \
	"KQTZmn1yKWXkuPIbJz5mxiMMiYIdC5h76FzqtYqHyDVOByrSbp6TJfz4AJbZ2SRn\n"                       \
	"wKT+CSDsXMxxNmEdSOj7D1Q6MPPNzfsiX/FgoU8eRF1qTWAStaun+4l1++nDoehf\n"                       \
	"QUht415hzrzHzV2R1MpXKbAq2fKbn+OhQOLctqfNluQI6tqnHL473PKAYx5SuawU\n"                       \
	"vTW3gkKO/OyXHIxtju57kyI6+d1N7xjhW2wqGDTiLq7n9r1+aXfXMRwOmJnIrkcq\n"                       \
	"2hZSIKgzAgMBAAECggEABJPzV5c4keqZKc67h18fqHAx33r+rHDHVT4UE1eji7Eq\n"                       \
	"9Sk0mw9Ycz2joA/PSUcWNhj9ZqhsTQZiqlLfbGfw+ZXi0TasctInbpTGSlNMyqr4\n"                       \
	"KzRpL/HYjsiLKpCgY/kyC4NKABMFrSp64Dt+tRsFzX1ul+TFBnRl1gHF298JFoNx\n"                       \
	"1WtN3n1WBNOohVf52grEpRiF5/RGKdobCfBE9kSKE234Zl1m4ihr1+7jjNH6RvlS\n"                       \
	"DFIHhqZoQ7ME4t3MnFiw0to5DfoRjHPG1H3L2vT9GLAKFn7W1iGACOTByhvZauNd\n"                       \
	"gmVTXTCocZIyojdhTjT8PAZTH8qA/OTTgj+58EnjHQKBgQD2B7L8vlLwMLVxheOb\n"                       \
	"VYkXBv1ABCmhPjb09w3OlCybnDTvcxyz408tmBEpD6vhIxXTHx/cL56BGjstxqPv\n"                       \
	"UqKYscfDhvBNzZGbQqyjrffdPY8XbAyghOKVp1vPyGz7U+hXDWVxxwPGVdaEywbj\n"                       \
	"BBp49y3Cj/sTcyRUqtC4ebO9lQKBgQDWdG2YXHQXZP02dOsP2IRWU+/ZMmjelAmG\n"                       \
	"mCyiibt72lOcavimzgAHSmygjTP1w4bOpDJ2mOrUU5HqKGkXzAtcHm4vagM+hGVW\n"                       \
	"rY0tS4iFsrnuieqiLQYTt4jjm9Fkr+d9VlHsyk5WNDsljkbLg6p9DZpwtJT7TJ7J\n"                       \
	"SGfgS8kMpwKBgFnYk++inW0jjI9JgsYOJYMoRUGkg4Nj0fQBaKRhDi1BjT9IfVng\n"                       \
	"D+EpoFKra2xLQMQZoKvrI+onpybfXKygM8qpWbc4xvbStHLLlXospNDBk0jNZ4sT\n"                       \
	"HB/kvy2RFuNtT/LCbKJxOBqs7CsQbZJnxDcapTZhGCKRMNpOiuxjXVVFAoGARZkR\n"                       \
	"fFH85x7CQqsdIk5dXHrvKyj9+cZHdSPr0HAspVxMqEXbHp9aSQNxT4Wj6E2lcWi+\n"                       \
	"a9ji1Tet8jVdLfjtct75WW/pT5++F6xJVfreeq1vRCgEOs+r2jhFN8D46tlfokCi\n"                       \
	"Y9ugIr/etih/d0rqyJzik1M3ynqqSZ6y/4r4258CgYBTsmZ7EuqLGcmPWWF+JLZ0\n"                       \
	"LWm5XJrfVkG9tMjOc+Awjwu8uy5SIOXlves22I1wmECdtT4cCVBuq6ZbU+zCJ6h4\n"                       \
	"M/Z6YFjAzlcRNwTdlvmQg8p47S/X2OWT83Juujqnx9NnCjYL8YUWMtklO57roz+J\n"                       \
	"3hI0Hipy+BPNWt8/KnGh/w==\n"                                                               \
	"-----END PRIVATE KEY-----\n"

#define FX_KEY_DEV                                                                                 \
	"-----BEGIN PRIVATE KEY-----\n"                                                            \
	"MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQCsSbBH9EjRRRXs\n"                       \
	"3BpFm3uFTa3OUP/XdrjQRiMuGO3k+e2DDZVGktyikJWymzwAaZ0piBT645HtfRnG\n"                       \
	"rbReotGbKeOUHM5X7i8I4rHUyuKljEyUOv7R3Vkftr/DNL29rzsryK9KA+ozYmUW\n"                       \
	"bUrvfDnv/vntnpdlqVTFAnyg+JOtHepRb6Fc4EyMA3WIWk0wcMttxwmPNWEtyEH6\n"                       \
	"+c8QCJjJsmQxtu5bD7y+0cSG3Obipac+jsIkgN/Y6fkCnRHNeybCYQ7roUSm9/nF\n"                       \
	"nT2lsH7GgmmIz9/rAJTSgA81UCQqbqY7rkovJi8F5zpQQZmbi4D86KjysHydGMRd\n"                       \
	"AbNR0AXfAgMBAAECggEAJyXRT/BCkYakrj7vG0zymr4lVaGTGLbp1K1zNfjFKYfe\n"                       \
	"v64Y8sHRL4Ex+rUKQ7+7zeGVftKx6GhKMJpsxyow/ZRdmVyYSGOfPWIhbUwyhtJj\n"                       \
	"3jSvjSlCJJImbakwygakp9TAe8167HUZqihoZBVypsVlregg16FL2T4w6nTBPY8T\n"                       \
	"8WglAHbuLPop4u+XpjD4MpTfp7aBsKBWO+NYyRNGEJ+L3PQcaQcXLdFnafSbPLwJ\n"                       \
	"ukD/leJ8A3fFBA+DrT65yqlCFX6TkfhCCvqL/3d9QXd1yv6fg106vWS4t1PWkDHs\n"                       \
	"0ER/AHNiEzpDofa6+C0AGPIiYVrNNK56W+30O6p/2QKBgQDtmhuNroMBBqP1c/kJ\n"                       \
	"7EztRBNFpSovRrdG6rQa5H8dbctSG/VMIiP4TeP/4WqqNx60GdXPskBW0/jsjrO9\n"                       \
	"IjwPVezkPDVu3NpC3v/lHvQPczMgT1lqLIeOjvWoh31uDBjQFqXrP0JiuXOFCcJc\n"                       \
	"20uTVDooFF2Pf3QmsUtQ8w8SVwKBgQC5oOJRIOaWsLbgQMauABQu1LMz1+vvSzHn\n"                       \
	"Ztp6/nyp3v2khtJ3TXbWz7FdEHFZLOtPw3x2lkiDfA/WiTyDlCkctjpoyI9x+BZ6\n"                       \
	"EP0rPrS4iu+l4E/DSMmY0t8S1Dfh5RSw5aKwoTMvilwOQI0g+M8Fi/f7FF6ODvEJ\n"                       \
	"sSx+CXlDuQKBgQDTtmmuyTz6AQy/fWL+sIurLultOUppbb2Jd0CcZdXORzLQKxFb\n"                       \
	"kWAztFPggN8mZI77M7oMo2wo8h/vyQfnE0Yo9AttIykJa8kfpMynP/mAesmnlIy7\n"                       \
	"yonPQRsr2+6rzCOf505YW7mvdke014lUbCLfWEGpzNvBLXQ1tezCaJGZaQKBgQCD\n"                       \
	"99zt0HYeq4NX6rVU/rlakdzU/qy9crgHyxeIWWRHYEDytubp6iiSjxWJFCeBPm4M\n"                       \
	"Ru41YKIs2AZqfyaGZM7Vmrfrxqo0XCuenHVgSTQx/pRhWRdbvmOUQlZVDIquDi6n\n"                       \
	"lJoU+IVrRvIrL7klt712NAwYdGLEm9rBCTSYZiPQAQKBgC+wKZwajWI4Y6z8J/5N\n"                       \
	"c1ll3y1fwJkTa4u3Df4iBQdqxu4WE+hjZZt56WoqDBJjAmkj5h9d1Y1ntoPTnBJM\n"                       \
	"RwH4eFCTP+/s206QKP+/SaMCUtq+hjhF9pbWjhu7SjMR0w0KE48qMtP+WcRyREqt\n"                       \
	"hHG6QCyuhuX28I8WBDiRlA90\n"                                                               \
	"-----END PRIVATE KEY-----\n"
