# bash completion for signet                                -*- shell-script -*-
# SPDX-License-Identifier: Apache-2.0
# Made by tools/man: do not edit.

_signet()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
	local command=${COMP_WORDS[1]} words=
	local IFS=$' \t\n'
	COMPREPLY=()
	if [ "$COMP_CWORD" = 1 ]; then
		COMPREPLY=($(compgen -W 'api ca challenge check enroll events explain fsck getcacaps getcacert registrar renew run status trace up --help --version' -- "$cur"))
		return
	fi
	if [ "$command" = ca ]; then
		if [ "$COMP_CWORD" = 2 ]; then
			COMPREPLY=($(compgen -W 'list show revoke release crl import audit backup' -- "$cur"))
			return
		fi
		command="$command ${COMP_WORDS[2]}"
	fi
	if [ "$command" = challenge ]; then
		if [ "$COMP_CWORD" = 2 ]; then
			COMPREPLY=($(compgen -W 'new' -- "$cur"))
			return
		fi
		command="$command ${COMP_WORDS[2]}"
	fi
	if [ "$command" = registrar ]; then
		if [ "$COMP_CWORD" = 2 ]; then
			COMPREPLY=($(compgen -W 'backup' -- "$cur"))
			return
		fi
		command="$command ${COMP_WORDS[2]}"
	fi
	case "$command $prev" in
	'up --http')
		return ;;
	'up --site')
		return ;;
	'up --ca-key')
		COMPREPLY=($(compgen -W 'rsa-2048 rsa-3072 rsa-4096 p256 p384' -- "$cur"))
		return ;;
	'run --config'|'run -c')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'check --config'|'check -c')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'challenge new --config'|'challenge new -c')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'challenge new --endpoint'|'challenge new -e')
		return ;;
	'challenge new --subject'|'challenge new -s')
		return ;;
	'challenge new --san')
		return ;;
	'challenge new --expires')
		return ;;
	'challenge new --note')
		return ;;
	'enroll --key'|'enroll --out'|'enroll --ca-file'|'enroll --challenge-file'|'enroll --ca-out'|'enroll --tls-ca'|'enroll -k'|'enroll -o')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'enroll --subject'|'enroll -s')
		return ;;
	'enroll --san')
		return ;;
	'enroll --key-type')
		COMPREPLY=($(compgen -W 'rsa-2048 rsa-3072 rsa-4096' -- "$cur"))
		return ;;
	'enroll --key-usage')
		return ;;
	'enroll --eku')
		return ;;
	'enroll --ca-fingerprint')
		return ;;
	'enroll --ra-fingerprint')
		return ;;
	'enroll --challenge')
		return ;;
	'enroll --cipher')
		COMPREPLY=($(compgen -W 'aes-128 aes-192 aes-256 3des' -- "$cur"))
		return ;;
	'enroll --digest')
		COMPREPLY=($(compgen -W 'sha256 sha384 sha512 sha1' -- "$cur"))
		return ;;
	'enroll --txid')
		return ;;
	'enroll --timeout')
		return ;;
	'enroll --retries')
		return ;;
	'enroll --proxy')
		return ;;
	'renew --key'|'renew --cert'|'renew --new-key'|'renew --out'|'renew --ca-file'|'renew --challenge-file'|'renew --ca-out'|'renew --tls-ca'|'renew -k'|'renew -o')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'renew --key-type')
		COMPREPLY=($(compgen -W 'rsa-2048 rsa-3072 rsa-4096' -- "$cur"))
		return ;;
	'renew --ca-fingerprint')
		return ;;
	'renew --ra-fingerprint')
		return ;;
	'renew --challenge')
		return ;;
	'renew --cipher')
		COMPREPLY=($(compgen -W 'aes-128 aes-192 aes-256 3des' -- "$cur"))
		return ;;
	'renew --digest')
		COMPREPLY=($(compgen -W 'sha256 sha384 sha512 sha1' -- "$cur"))
		return ;;
	'renew --txid')
		return ;;
	'renew --timeout')
		return ;;
	'renew --retries')
		return ;;
	'renew --proxy')
		return ;;
	'getcacert --out'|'getcacert --tls-ca'|'getcacert -o')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'getcacert --timeout')
		return ;;
	'getcacert --retries')
		return ;;
	'getcacert --proxy')
		return ;;
	'getcacaps --tls-ca')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'getcacaps --timeout')
		return ;;
	'getcacaps --retries')
		return ;;
	'getcacaps --proxy')
		return ;;
	'trace --config'|'trace -c')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'trace --limit'|'trace -n')
		return ;;
	'events --config'|'events -c')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'events --rule')
		return ;;
	'events --subject'|'events -s')
		return ;;
	'events --limit'|'events -n')
		return ;;
	'ca list --config'|'ca list -c')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'ca list --subject'|'ca list -s')
		return ;;
	'ca list --state')
		COMPREPLY=($(compgen -W 'good revoked hold intent failed' -- "$cur"))
		return ;;
	'ca list --lineage')
		return ;;
	'ca list --expires-within')
		return ;;
	'ca list --limit'|'ca list -n')
		return ;;
	'ca show --config'|'ca show -c')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'ca revoke --config'|'ca revoke -c')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'ca revoke --reason'|'ca revoke -r')
		COMPREPLY=($(compgen -W 'keyCompromise superseded cessationOfOperation certificateHold' -- "$cur"))
		return ;;
	'ca release --config'|'ca release -c')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'ca crl --config'|'ca crl --adopt'|'ca crl -c'|'ca crl -a')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'ca import --config'|'ca import -c')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'ca import --endpoint'|'ca import -e')
		return ;;
	'ca audit --config'|'ca audit -c')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'ca audit --act')
		COMPREPLY=($(compgen -W 'issue revoke hold release backup' -- "$cur"))
		return ;;
	'ca audit --limit'|'ca audit -n')
		return ;;
	'registrar backup --config'|'registrar backup -c')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'ca backup --config'|'ca backup -c')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'status --config'|'status -c')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'fsck --config'|'fsck -c')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	esac
	case $command in
	'up') words='--http --site --ca-key --help' ;;
	'run') words='--config --help' ;;
	'check') words='--config --reference --help' ;;
	'challenge new') words='--config --endpoint --subject --san --any --expires --note --json --help' ;;
	'enroll') words='--subject --san --key --key-type --out --key-usage --eku --ca-fingerprint --ca-file --ra-fingerprint --insecure-ca --challenge-file --challenge --post --get --cipher --digest --oaep --pss --txid --legacy --legacy-des --ca-out --force --timeout --retries --tls-ca --proxy --json --help' ;;
	'renew') words='--key --cert --new-key --key-type --out --ca-fingerprint --ca-file --ra-fingerprint --insecure-ca --challenge-file --challenge --post --get --cipher --digest --oaep --pss --txid --legacy --legacy-des --ca-out --force --timeout --retries --tls-ca --proxy --json --help' ;;
	'getcacert') words='--out --force --timeout --retries --tls-ca --proxy --json --help' ;;
	'getcacaps') words='--timeout --retries --tls-ca --proxy --json --help' ;;
	'trace') words='--config --limit --json --help' ;;
	'events') words='--config --follow --rule --subject --limit --json --help' ;;
	'explain') words='--help' ;;
	'api') words='--help' ;;
	'ca list') words='--config --subject --state --lineage --expires-within --limit --json --help' ;;
	'ca show') words='--config --json --help' ;;
	'ca revoke') words='--config --reason --lineage --json --help' ;;
	'ca release') words='--config --json --help' ;;
	'ca crl') words='--config --adopt --clock-was-ahead --json --help' ;;
	'ca import') words='--config --endpoint --json --help' ;;
	'ca audit') words='--config --follow --act --limit --json --help' ;;
	'registrar backup') words='--config --help' ;;
	'ca backup') words='--config --help' ;;
	'status') words='--config --json --help' ;;
	'fsck') words='--config --json --help' ;;
	esac
	if [ "$command" = explain ] && [ "${cur#-}" = "$cur" ]; then
		words=$("${COMP_WORDS[0]}" explain 2>/dev/null | cut -d ' ' -f 1)
	fi
	COMPREPLY=($(compgen -W "$words" -- "$cur"))
	case $command in
	up|'ca import')
		[ "${cur#-}" != "$cur" ] || COMPREPLY+=($(compgen -f -- "$cur")) ;;
	esac
}
complete -F _signet signet
