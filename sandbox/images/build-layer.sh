#!/bin/bash
# Makes one layer of an image: an archive, compressed with zstd, that is the same for the same input.
#   build-layer.sh base     WORK OUTPUT SOURCES LISTS RELEASE PACKAGES
#   build-layer.sh packages WORK OUTPUT SOURCES LISTS BASE_LAYER PACKAGES
#   build-layer.sh content  WORK OUTPUT LAYER... <PLAN
#     WORK         empty directory; memory is mounted over it
#     OUTPUT       the archive to write; beside it OUTPUT.diff-id, the SHA-256 of the archive before its compression
#     SOURCES      apt's list of sources, its name ending in .list or .sources
#     LISTS        directory where apt keeps its package lists
#     PACKAGES     names, separated by commas
#     LAYER        the layers below, the lowest first
#     PLAN         lines of fields that are separated by tabs:
#       copy FROM TO MODE      a file or a folder; MODE is octal or empty: as it is, and readable by everybody
#       directory PATH OWNER MODE
#       link PATH TARGET
#       account NAME UID GID HOME
# Has to be started in mount and process namespaces of its own: whatever ends it takes mounts and processes with it.
set -euo pipefail

kind=$1
work=$2
output=$3
shift 3

# In memory it is fast, and nothing stays behind.
mount -t tmpfs -o mode=0755 platform-image "$work"
# For everything that is made anew. Not 0: some programs refuse files from before 1980.
export SOURCE_DATE_EPOCH=946684800
export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive DEBCONF_NONINTERACTIVE_SEEN=true
umask 022

# Writes the archive of a directory. More arguments are passed on to tar.
pack() {
  local directory=$1
  shift
  mkfifo "$work/uncompressed"
  sha256sum <"$work/uncompressed" >"$work/checksum" &
  tar --create --directory="$directory" --sort=name --format=gnu --numeric-owner \
    --mtime="@$SOURCE_DATE_EPOCH" --clamp-mtime "$@" | tee "$work/uncompressed" | zstd --quiet --threads=2 -6 >"$output"
  wait $!
  cut -c 1-64 <"$work/checksum" >"$output.diff-id"
}

# Removes what differs from run to run, belongs to this machine, or is a secret that everybody would share.
clean() {
  local root=$1 path
  for path in etc/apt etc/hostname etc/resolv.conf etc/machine-id etc/postgresql var/cache/apt var/cache/debconf \
    var/cache/ldconfig var/lib/apt var/lib/dbus run/lock usr/sbin/policy-rc.d; do
    rm -rf "${root:?}/$path"
  done
  # Servers make their data at their first start. Packages would bring some along, with keys and cookies in it.
  for path in run tmp etc/ssl/private var/log var/backups var/lib/docker-registry var/lib/mysql var/lib/postgresql \
    var/lib/rabbitmq var/lib/redis var/tmp; do
    [ ! -d "$root/$path" ] || find "$root/$path" -mindepth 1 -delete
  done
  rm -f "$root"/etc/{passwd,group,shadow,gshadow,subuid,subgid}- "$root"/var/lib/dpkg/*-old "$root/etc/.pwd.lock" \
    "$root/etc/ssl/certs/ssl-cert-snakeoil.pem" "$root/var/lib/dpkg/lock" "$root/var/lib/dpkg/lock-frontend"
  find "$root" -xdev -xtype l -lname '*ssl-cert-snakeoil.pem' -delete
}

make_base() {
  local sources=$1 release=$3 packages=$4
  # Programs only: nobody reads manuals in a container, and messages stay in English.
  mmdebstrap --mode=root --variant=essential --format=directory --include="$packages" \
    --skip=check/signed-by --aptopt='APT::Sandbox::User "root"' --aptopt='Acquire::Languages "none"' \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/info/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    --dpkgopt='path-exclude=/usr/share/lintian/*' --dpkgopt='path-exclude=/usr/share/bash-completion/*' \
    --dpkgopt='force-unsafe-io' "$release" "$work/root" "$sources"
  clean "$work/root"
  pack "$work/root" --exclude='./dev/*' .
}

make_packages() {
  local sources=$1 lists=$2 base=$3 packages=$4 root=$work/root whiteout
  mkdir "$work"/{lower,upper,overlay,root,apt}
  zstd --quiet --decompress --stdout "$base" | tar --extract --directory="$work/lower" --numeric-owner
  mount -t overlay -o "lowerdir=$work/lower,upperdir=$work/upper,workdir=$work/overlay" overlay "$root"
  mount -t proc proc "$root/proc"
  mount --rbind /dev "$root/dev"
  mkdir -p "$root/var/cache/apt/archives/partial" "$lists/partial"
  # Packages of Java link their manuals there; the base has none.
  mkdir -p "$root"/usr/share/man/man{1..8}
  # Installing a server must not start it.
  printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
  chmod 0755 "$root/usr/sbin/policy-rc.d"
  # apt of this machine, so that its proxy and keys count; its packages, hooks and files stay out of it.
  cat >"$work/apt.conf" <<CONF
#clear DPkg::Pre-Invoke;
#clear DPkg::Post-Invoke;
#clear DPkg::Pre-Install-Pkgs;
#clear DPkg::Options;
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
Acquire::Languages "none";
Acquire::Retries "3";
APT::Install-Recommends "false";
APT::Sandbox::User "root";
DPkg::Chroot-Directory "$root";
DPkg::Options { "--force-unsafe-io"; "--force-confdef"; };
Dir::Cache "$work/apt";
Dir::Cache::archives "$root/var/cache/apt/archives/";
Dir::Etc::sourcelist "$sources";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::Log "$work/apt";
Dir::State "$work/apt";
Dir::State::lists "$lists";
Dir::State::status "$root/var/lib/dpkg/status";
CONF
  apt-get --config-file="$work/apt.conf" --quiet update
  IFS=, read -r -a names <<<"$packages"
  apt-get --config-file="$work/apt.conf" --quiet --yes install "${names[@]}"
  umount --recursive --lazy "$root"
  clean "$work/upper"
  # What overlayfs notes for a deleted file is a device; in a layer it is an empty file with a prefix. For a directory
  # that was deleted and made again it notes an attribute: no package does that to one of the base.
  find "$work/upper" -type c -print0 | while IFS= read -r -d '' whiteout; do
    rm "$whiteout"
    touch "${whiteout%/*}/.wh.${whiteout##*/}"
  done
  pack "$work/upper" --exclude='./dev' --exclude='./proc' .
}

# Prints a file of the layers below: the version of the topmost one that has it.
below() {
  local file=$1 layer found=""
  for layer in "${layers[@]}"; do
    zstd --quiet --decompress --stdout "$layer" 2>/dev/null |
      tar --extract --to-stdout --occurrence=1 "./$file" >"$work/candidate" 2>/dev/null || true
    [ ! -s "$work/candidate" ] || { mv "$work/candidate" "$work/found" && found=yes; }
  done
  [ -n "$found" ] || { echo "No layer has /$file." >&2 && exit 1; }
  cat "$work/found"
}

# Only what the plan names gets into the layer: a directory on the way there keeps the owner that it has below.
place() {
  printf './%s\n' "${1#/}" >>"$work/list"
}

add_account() {
  local name=$1 uid=$2 gid=$3 home=$4
  mkdir -p "$stage/etc"
  if [ ! -e "$stage/etc/passwd" ]; then
    below etc/passwd >"$stage/etc/passwd"
    below etc/group >"$stage/etc/group"
    place etc/passwd
    place etc/group
  fi
  # The packages' own account of that name, or another with that number, would be found first.
  awk -F: -v name="$name" -v id="$uid" '$1 != name && $3 != id' "$stage/etc/passwd" >"$work/passwd"
  awk -F: -v name="$name" -v id="$gid" '$1 != name && $3 != id' "$stage/etc/group" >"$work/group"
  cat "$work/passwd" >"$stage/etc/passwd"
  cat "$work/group" >"$stage/etc/group"
  echo "$name:x:$uid:$gid::$home:/bin/sh" >>"$stage/etc/passwd"
  echo "$name:x:$gid:" >>"$stage/etc/group"
  make_directory "$home" "$uid:$gid" 0755
}

make_directory() {
  mkdir -p "$stage$1"
  chown "${2:-0:0}" "$stage$1"
  chmod "${3:-0755}" "$stage$1"
  place "$1"
}

copy() {
  local from=$1 to=$2 mode=$3
  mkdir -p "$(dirname "$stage$to")"
  if [ -d "$from" ]; then
    mkdir -p "$stage$to"
    cp --recursive --no-dereference --preserve=mode "$from/." "$stage$to/"
  else
    cp "$from" "$stage$to"
  fi
  chown --recursive --no-dereference 0:0 "$stage$to"
  chmod --recursive "${mode:-u=rwX,go=rX}" "$stage$to"
  (cd "$stage" && find "./${to#/}") >>"$work/list"
}

make_content() {
  layers=("$@")
  stage=$work/root
  mkdir "$stage"
  : >"$work/list"
  local kind first second third fourth line
  # Tabs count as white space, of which `read` takes several for one; empty fields need a separator that does not.
  while IFS= read -r line; do
    IFS=$'\x1f' read -r kind first second third fourth <<<"${line//$'\t'/$'\x1f'}"
    case $kind in
      copy) copy "$first" "$second" "$third" ;;
      directory) make_directory "$first" "$second" "$third" ;;
      link) mkdir -p "$(dirname "$stage$first")" && ln -s "$second" "$stage$first" && place "$first" ;;
      account) add_account "$first" "$second" "$third" "$fourth" ;;
      *) echo "Unknown line in the plan: $line" >&2 && exit 1 ;;
    esac
  done
  sort --unique "$work/list" >"$work/sorted"
  pack "$stage" --no-recursion --verbatim-files-from --files-from="$work/sorted"
}

case $kind in
  base | packages | content) ;;
  *) echo "Unknown kind of layer: $kind" >&2 && exit 1 ;;
esac
# As the first process of its namespace the shell would overlook signals, and one that waits for a program answers late.
trap 'exit 130' HUP INT TERM
"make_$kind" "$@" <&0 &
wait $!
