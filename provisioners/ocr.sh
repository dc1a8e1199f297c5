#!/usr/bin/env bash
# bake:ocr: what reads text out of files: Tesseract, Poppler (pdftotext, pdftoppm), ImageMagick and libmagic (file).
#   LANGUAGES  languages that Tesseract reads, separated by spaces. Default: eng
set -euo pipefail
# shellcheck source=provisioners/lib/packages.sh
source "$(dirname "$0")/lib/packages.sh"

read -ra languages <<<"${LANGUAGES:-eng}"

case $DISTRIBUTION in
debian) packages=(tesseract-ocr "${languages[@]/#/tesseract-ocr-}" poppler-utils imagemagick file) ;;
*) packages=(tesseract "${languages[@]/#/tesseract-langpack-}" poppler-utils ImageMagick file file-libs) ;;
esac

# Tesseract is in the distribution's supplementary packages.
if [ -n "$(packages_missing "${packages[@]}")" ]; then
  case $DISTRIBUTION in
  amazon) install_packages spal-release ;; # from release 2023.9.20251117 on
  alinux) if ! package_installed epel-release; then install_packages epel-aliyuncs-release; fi ;;
  redhat) install_packages epel-release ;;
  esac
  install_packages "${packages[@]}"
fi

known=$(tesseract --list-langs)
for language in "${languages[@]}"; do
  grep -qx "$language" <<<"$known" || fail "Tesseract does not read $language"
done
for program in pdftotext pdftoppm convert file; do
  command -v "$program" >/dev/null || fail "$program is missing"
done
echo "Tesseract reads ${languages[*]}"
