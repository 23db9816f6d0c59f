# Makes this machine a node: fetches nodeup, checks what came, and hands over to it.
set -euo pipefail

# As many bytes in flight as a fast link holds; the machine works without.
sysctl -w net.core.rmem_max=16777216 net.core.wmem_max=16777216 || true
sysctl -w net.ipv4.tcp_rmem='4096 87380 16777216' net.ipv4.tcp_wmem='4096 87380 16777216' || true

say() { printf 'boot: %s\n' "$*"; }

matches() { # file, sha256
  echo "$2  $1" | sha256sum --check --status
}

@MORE@
fetch_from() { # url: leaves ./nodeup if the hash is right
  rm -f nodeup nodeup.xz
  get "$1.xz" nodeup.xz || { say "no answer from $1.xz"; return 1; }
  xz --decompress nodeup.xz || { say "$1.xz is not xz"; return 1; }
  matches nodeup "$sha256" || { say "$1.xz has another hash than $sha256"; return 1; }
}

fetch() { # tries every place in order, again and again
  local url
  if [[ -f nodeup ]] && matches nodeup "$sha256"; then return; fi
  while true; do
    for url in "${urls[@]}"; do
      say "fetching $url.xz"
      if fetch_from "$url"; then return; fi
    done
    say "no place had it; trying again in a minute"
    sleep 60
  done
}

case "$(uname -m)" in
  x86_64) IFS=, read -r -a urls <<<"$NODEUP_URLS_AMD64"; sha256=$NODEUP_SHA256_AMD64 ;;
  aarch64 | arm64) IFS=, read -r -a urls <<<"$NODEUP_URLS_ARM64"; sha256=$NODEUP_SHA256_ARM64 ;;
  *) say "no nodeup for $(uname -m)"; exit 1 ;;
esac

# Images made from a running machine share its id until this gives them their own.
/bin/systemd-machine-id-setup || say "the machine id could not be set"

# Container-Optimized OS mounts /opt read-only.
home=/opt/kops
if [[ -d /var/lib/toolbox ]]; then home=/var/lib/toolbox/kops; fi
mkdir -p "$home/bin" "$home/conf"

boot_config() {
@BOOT_CONFIG@
}
boot_config >"$home/conf/kube_env.yaml"

cd "$home/bin"
fetch
chmod +x nodeup
say "running nodeup"
./nodeup --install-systemd-unit --conf="$home/conf/kube_env.yaml" --v=8
