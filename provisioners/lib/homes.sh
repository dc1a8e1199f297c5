# shellcheck shell=bash
# Sourced by clean-up and verify: whose homes they look at.

# Home directories of all users, services' included, a line each; never a system directory.
homes() {
  getent passwd | cut -d: -f6 | sort -u | while IFS= read -r home; do
    case $home in
    / | /bin* | /sbin* | /dev* | /proc* | /run* | /usr | /usr/bin* | /usr/sbin* | /usr/lib* | /etc* | /var | /var/run* | /nonexistent) ;;
    *) if [ -d "$home" ]; then printf '%s\n' "$home"; fi ;;
    esac
  done
}
