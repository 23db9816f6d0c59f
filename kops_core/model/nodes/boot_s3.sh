# The repository is a bucket, which is asked with the machine's own role. Secrets go through stdin.
metadata() { # path; the address itself, for there may be no DNS yet
  curl --fail --silent --noproxy '*' --connect-timeout 2 --max-time 5 \
    --header "X-aws-ec2-metadata-token: $token" "http://169.254.169.254/latest/$1"
}

field() { # name, of the JSON in $credentials
  [[ $credentials =~ \"$1\"[[:space:]]*:[[:space:]]*\"([^\"]+)\" ]] && printf '%s' "${BASH_REMATCH[1]}"
}

region_of() { # bucket; S3 tells it to everybody, and a request has to be signed for it
  local found
  found=$(curl --silent --head --connect-timeout 20 "https://s3.$AWS_REGION.amazonaws.com/$1" |
    tr -d '\r' | sed -n 's/^x-amz-bucket-region: *//Ip') || true
  printf '%s' "${found:-$AWS_REGION}"
}

get() { # s3://bucket/key, file
  local token role credentials id key session region bucket=${1#s3://}
  bucket=${bucket%%/*}
  token=$(curl --fail --silent --request PUT --noproxy '*' --connect-timeout 2 --max-time 5 \
    --header 'X-aws-ec2-metadata-token-ttl-seconds: 60' http://169.254.169.254/latest/api/token) || return 1
  role=$(metadata meta-data/iam/security-credentials/) || return 1
  credentials=$(metadata "meta-data/iam/security-credentials/${role%%$'\n'*}") || return 1
  id=$(field AccessKeyId) && key=$(field SecretAccessKey) && session=$(field Token) || return 1
  region=$(region_of "$bucket")
  printf 'user "%s:%s"\nheader "x-amz-security-token: %s"\n' "$id" "$key" "$session" |
    curl --fail --silent --show-error --location --connect-timeout 20 --retry 6 --retry-delay 10 \
      --config - --aws-sigv4 "aws:amz:$region:s3" --output "$2" \
      "https://s3.$region.amazonaws.com/${1#s3://}"
}

