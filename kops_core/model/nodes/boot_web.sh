get() { # url, file
  curl --fail --silent --show-error --location --connect-timeout 20 --retry 6 --retry-delay 10 \
    --output "$2" "$1"
}

