/** The settings of a unit: its file's and then its drop-ins', in order. */
export class UnitFile {
  readonly #entries: { section: string; key: string; value: string }[] = [];

  /** Adds a file's text. Syntax: systemd.syntax(7). */
  add(text: string): this {
    let section = '';
    for (const line of logicalLines(text)) {
      const header = /^\[([^\]]+)\]$/.exec(line);
      const setting = /^([^=\s]+)\s*=\s*(.*)$/s.exec(line);
      if (header) section = header[1] as string;
      else if (setting)
        this.#entries.push({ section, key: setting[1] as string, value: setting[2] as string });
    }
    return this;
  }

  /** All values of a setting that may be given more than once; an empty one forgets those before it. */
  list(section: string, key: string): string[] {
    let values: string[] = [];
    for (const entry of this.#entries) {
      if (entry.section !== section || entry.key !== key) continue;
      values = entry.value === '' ? [] : [...values, entry.value];
    }
    return values;
  }

  /** The value of a setting of which the last one counts; undefined when absent or emptied. */
  last(section: string, key: string): string | undefined {
    return this.list(section, key).at(-1);
  }
}

/** Lines without comments, blanks, and with continued ones (a backslash at the end) joined by a space. */
function logicalLines(text: string): string[] {
  const lines: string[] = [];
  let open = '';
  for (const raw of text.split('\n')) {
    const line = raw.trim();
    // Comments may stand between the lines of a continued one, and are left out of it.
    if (/^[#;]/.test(line)) continue;
    if (line.endsWith('\\')) {
      open += `${line.slice(0, -1)} `;
      continue;
    }
    const whole = (open + line).trim();
    open = '';
    if (whole !== '') lines.push(whole);
  }
  if (open.trim() !== '') lines.push(open.trim());
  return lines;
}
