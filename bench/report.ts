import Table from 'cli-table3';
import type { Figure, Spread } from './figure.ts';

/** A table at the end of a run; `whose`: ours or theirs. */
export function renderFigures(figures: readonly Figure[], whose: string): string {
  const table = new Table({
    head: ['', 'what', whose, 'limit of this machine, same run', 'ratio', 'target', ''],
    style: { head: [], border: [] },
    colAligns: ['right', 'left', 'right', 'left', 'right', 'left', 'left'],
  });
  for (const { target, what, unit, ours, limit, ratio, goal } of figures) {
    table.push([
      target,
      what,
      `${spreadText(ours)} ${unit}`,
      limit ? `${limit.what}: ${spreadText(limit.measured)} ${unit}` : '',
      ratio === undefined ? '' : ratio.toFixed(2),
      goal?.text ?? '',
      goal ? (goal.met ? 'met' : 'NOT met') : '',
    ]);
  }
  return table.toString();
}

/** `12,345 [11,000–13,000]`. */
function spreadText({ median, min, max, runs }: Spread): string {
  return runs > 1 ? `${numberText(median)} [${numberText(min)}–${numberText(max)}]` : numberText(median);
}

/** Three digits are meant; more would be noise. */
function numberText(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: Math.abs(value) >= 100 ? 0 : 2 });
}
