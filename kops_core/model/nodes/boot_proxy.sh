# Everything on the machine goes through the proxy: shells, the package manager, and what systemd starts.
variables=("http_proxy=$http_proxy" "https_proxy=$https_proxy" "no_proxy=$no_proxy" "NO_PROXY=$NO_PROXY")
printf '%s\n' "${variables[@]}" >>/etc/environment
if [[ -d /etc/apt/apt.conf.d ]]; then
  echo "Acquire::http::Proxy \"$http_proxy\";" >/etc/apt/apt.conf.d/30proxy
elif [[ -f /etc/yum.conf ]]; then
  echo "proxy=$http_proxy" >>/etc/yum.conf
fi
mkdir -p /etc/systemd/system.conf.d
{
  echo '[Manager]'
  printf 'DefaultEnvironment="%s"\n' "${variables[@]}"
} >/etc/systemd/system.conf.d/30-proxy.conf
systemctl daemon-reexec

