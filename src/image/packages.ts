/** A package that is installed in the image. */
export interface InstalledPackage {
  /** As package URLs call the kind: deb, rpm, apk, pypi. */
  type: string;
  name: string;
  version: string;
  architecture?: string;
}

/** What is in the image, and the system that it belongs to. */
export interface Inventory {
  /** ID and VERSION_ID of os-release: "debian" and "12". */
  system: { id: string; version: string };
  packages: InstalledPackage[];
}

/**
 * Lists what is installed, a line for each: kind, name, version, architecture, between tabs. Python's are found where they lie, also in
 * virtual environments.
 */
export const PACKAGE_LIST = `. /etc/os-release
printf 'os\\t%s\\t%s\\t\\n' "$ID" "\${VERSION_ID:-}"
if command -v dpkg-query >/dev/null; then
  dpkg-query -W -f='\${db:Status-Status}\\tdeb\\t\${Package}\\t\${Version}\\t\${Architecture}\\n' | sed -n 's/^installed\\t//p'
fi
if command -v rpm >/dev/null && ! command -v dpkg-query >/dev/null; then
  rpm -qa --qf 'rpm\\t%{NAME}\\t%{EPOCHNUM}:%{VERSION}-%{RELEASE}\\t%{ARCH}\\n' | sed 's/\\t0:/\\t/'
fi
if command -v apk >/dev/null; then
  apk list --installed 2>/dev/null | sed -nE 's/^(.+)-([^-]+-r[0-9]+) ([^ ]+) .*/apk\\t\\1\\t\\2\\t\\3/p'
fi
find /usr /opt /srv /home /root /var/lib -xdev -type d -name '*.dist-info' 2>/dev/null |
  sed -nE 's|.*/([^/]+)-([^/-]+)\\.dist-info$|pypi\\t\\1\\t\\2\\t|p' | sort -u
`;

export function parseInventory(lines: string[]): Inventory {
  const inventory: Inventory = { system: { id: 'linux', version: '' }, packages: [] };
  for (const line of lines) {
    const [type = '', name, version = '', architecture] = line.split('\t');
    if (name === undefined) continue;
    if (type === 'os') inventory.system = { id: name, version };
    else inventory.packages.push({ type, name, version, architecture: architecture || undefined });
  }
  return inventory;
}
