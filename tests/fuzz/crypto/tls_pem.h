/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * fuzz/crypto/tls_pem.h - a certificate and its key, the same in each run; they are worth nothing
 */

static const char tls_chain_pem[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBjjCCATSgAwIBAgIUFW7TP216Elo/lYfyLqETwhtwgEwwCgYIKoZIzj0EAwIw\n"
    "DzENMAsGA1UEAwwEZnV6ejAgFw0yNjExMjgxMzEyMTZaGA8yMTI2MTEwNDEzMTIx\n"
    "NlowDzENMAsGA1UEAwwEZnV6ejBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABCgT\n"
    "oiBBGUgTyjZlbdfflK57IRtMWPtiui5gQ5bxAhef3hWx9xnHP7tOHH5dLsjcyfn8\n"
    "RX9e5pw8g2eGzOXllaWjbDBqMB0GA1UdDgQWBBTyAko6OZBvEQ5dFCDJxTsN7NAs\n"
    "GzAfBgNVHSMEGDAWgBTyAko6OZBvEQ5dFCDJxTsN7NAsGzAPBgNVHRMBAf8EBTAD\n"
    "AQH/MBcGA1UdEQQQMA6CDGZ1enouZXhhbXBsZTAKBggqhkjOPQQDAgNIADBFAiA0\n"
    "MteQWYLKg1JnwVFd8UA8MHJKje13p9mKOPa8BQ8+sgIhAL4vCNNXI/DX8bh3ZmPy\n"
    "OYLHvwv2bnZ0ZHC2LfmsaOlT\n"
    "-----END CERTIFICATE-----\n";

static const char tls_key_pem[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgHCOH3SgVLlYxHR68\n"
    "aHXUiYhrMX5+Z+RtPsh4tgqm9WyhRANCAAQoE6IgQRlIE8o2ZW3X35SueyEbTFj7\n"
    "YrouYEOW8QIXn94VsfcZxz+7Thx+XS7I3Mn5/EV/XuacPINnhszl5ZWl\n"
    "-----END PRIVATE KEY-----\n";
