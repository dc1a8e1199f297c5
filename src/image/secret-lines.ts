import type { PlannedLayer } from './plan.ts';

/** Shorter texts turn up by chance: in compiled programs, or as ordinary words. */
const SHORTEST = 8;

/**
 * What verification searches the image for: `NAME<TAB>text<LF>` for every secret that a layer's provisioners were given, as it is
 * and as it commonly gets written down (base64 as in a basic authorization header, percent-encoded as in a URL).
 * Of a secret with several lines (a key) each line counts, but not the armour around it.
 */
export function secretLines(layers: PlannedLayer[]): string[] {
  const lines = new Set<string>();
  for (const { layer } of layers) {
    for (const provisioner of layer.provisioners) {
      if (provisioner.kind === 'upload') continue;
      for (const [name, value] of Object.entries(provisioner.secrets)) {
        for (const text of spellings(value)) lines.add(`${name}\t${text}\n`);
      }
    }
  }
  return [...lines];
}

function spellings(value: string): string[] {
  const lines = value
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line.length >= SHORTEST && !line.startsWith('-----'));
  return lines.flatMap((line) => [line, encodeURIComponent(line), ...base64Spellings(line)]);
}

/** Base64 of the text wherever it stands in a longer one: what its first and last bytes share with neighbours is left out. */
const base64Spellings = (text: string): string[] =>
  [0, 1, 2].map((before) => {
    const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(text)]);
    const whole = Math.floor(bytes.length / 3) * 3;
    return bytes
      .subarray(0, whole)
      .toString('base64')
      .slice(before === 0 ? 0 : 4);
  });
