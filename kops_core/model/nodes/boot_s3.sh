# Amazon S3 gives objects to requests that this machine's role has signed (Signature Version 4).
# sha256sum makes the HMACs: curl signs since 7.75 only, and secrets stay off command lines.
digest() { sha256sum | cut -d ' ' -f 1; }

to_hex() { od -A n -t x1 -v | tr -d ' \n'; }

from_hex() { # digits, a number to XOR each byte with
  local at escape escapes=
  for ((at = 0; at < ${#1}; at += 2)); do
    printf -v escape '\\x%02x' $((16#${1:at:2} ^ ${2:-0}))
    escapes+=$escape
  done
  printf '%b' "$escapes"
}

hmac() { # key in hexadecimal, at most the 64 bytes of a block; text
  local block inner
  printf -v block '%-128s' "$1"
  block=${block// /0}
  inner=$({ from_hex "$block" 0x36; printf '%s' "$2"; } | digest)
  { from_hex "$block" 0x5c; from_hex "$inner"; } | digest
}

open_metadata() { # sets imds and its session's token; IPv6 is for machines without IPv4
  for imds in 'http://169.254.169.254/latest' 'http://[fd00:ec2::254]/latest'; do
    session=$(curl --fail --silent --noproxy '*' --globoff --connect-timeout 5 --max-time 20 --retry 3 \
      --request PUT --header 'X-aws-ec2-metadata-token-ttl-seconds: 300' "$imds/api/token") && return
  done
  return 1
}

metadata() { # path
  printf 'X-aws-ec2-metadata-token: %s\n' "$session" |
    curl --fail --silent --show-error --noproxy '*' --globoff --max-time 20 --retry 3 \
      --header @- "$imds/meta-data/$1"
}

member() { # JSON object, name: the string of that name
  [[ $1 =~ \"$2\"[[:space:]]*:[[:space:]]*\"([^\"]*)\" ]] && printf '%s' "${BASH_REMATCH[1]}"
}

signed_headers() { # credentials, region, host, path: the headers of a GET request
  local now scope part parts names body request key headers token
  now=$(date -u +%Y%m%dT%H%M%SZ)
  scope=${now%T*}/$2/s3/aws4_request
  body=$(digest </dev/null)
  headers=("host:$3" "x-amz-content-sha256:$body" "x-amz-date:$now")
  if token=$(member "$1" Token); then headers+=("x-amz-security-token:$token"); fi
  names=$(printf ';%s' "${headers[@]%%:*}")
  request=$(printf '%s\n' GET "$4" '' "${headers[@]}" '' "${names#;}" "$body")
  IFS=/ read -r -a parts <<<"$scope"
  parts+=("$(printf '%s\n' AWS4-HMAC-SHA256 "$now" "$scope" "$(printf '%s' "$request" | digest)")")
  key=$(printf 'AWS4%s' "$(member "$1" SecretAccessKey)" | to_hex)
  for part in "${parts[@]}"; do key=$(hmac "$key" "$part"); done
  printf '%s\n' "${headers[@]}" "authorization:AWS4-HMAC-SHA256 Credential=$(
    member "$1" AccessKeyId
  )/$scope,SignedHeaders=${names#;},Signature=$key"
}

ask_machine() { # sets what its instance metadata tells
  open_metadata || return
  role=$(metadata iam/security-credentials/) || return
  credentials=$(metadata "iam/security-credentials/${role%%$'\n'*}") || return
  region=$(metadata placement/region) || return
  domain=$(metadata services/domain)
}

get() { # s3://bucket/key, file: the key is percent-encoded
  local path=/${1#s3://} imds session role credentials region domain host answer
  ask_machine || { say "no role or region in the instance metadata"; return 1; }
  # A bucket may lie in another region: S3 then names that.
  for _ in 1 2; do
    host=s3.$region.$domain
    answer=$(signed_headers "$credentials" "$region" "$host" "$path" |
      curl --silent --show-error --globoff --path-as-is --connect-timeout 20 --retry 5 --speed-time 60 \
        --header @- --dump-header - --write-out 'status %{http_code}' --output "$2" "https://$host$path") || return
    if [[ $answer == *'status 200' ]]; then return; fi
    [[ ${answer,,} =~ x-amz-bucket-region:\ *([a-z0-9-]+) && ${BASH_REMATCH[1]} != "$region" ]] || break
    region=${BASH_REMATCH[1]}
  done
  say "$host answers with ${answer##*$'\n'}"
  return 1
}

