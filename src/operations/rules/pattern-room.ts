import { Refusal } from '../../domain/refusal.ts';
import { mostInstructions, sizeOf } from './pattern.ts';
import { namePlace, type RulePlace } from './rule-place.ts';

/** Each post is matched with all patterns of its list and of the site: together they may cost only so much. */
export function requireRoom({ list }: RulePlace, expressions: readonly string[]): void {
  const size = expressions.reduce((sum, expression) => sum + sizeOf(expression), 0);
  if (size > mostInstructions) {
    throw new Refusal(
      'limit',
      `The patterns of ${namePlace(list)} would be too large together (${size}; at most ${mostInstructions}): forget some, or write several as one, a|b.`,
    );
  }
}
