import { z } from 'zod';
import { findPatternProblem } from './pattern.ts';

/** The name of a header field (RFC 5322 §3.6.8), in lower case. */
export const fieldInput = z
  .string()
  .trim()
  .max(76)
  .regex(/^[!-9;-~]+$/, 'a header field has a name such as Subject, without a colon')
  .transform((name) => name.toLowerCase());

/** A pattern for its value, with or without slashes around it, in its canonical form: without. */
export const knownExpressionInput = z
  .string()
  .max(300)
  .transform((text) => /^\/(.*)\/i?$/s.exec(text)?.[1] ?? text);

/** The same for a pattern that is to be matched. */
export const expressionInput = knownExpressionInput.superRefine((expression, issues) => {
  const problem = findPatternProblem(expression);
  if (problem) issues.addIssue({ code: 'custom', message: `“${expression.slice(0, 100)}”: ${problem}` });
});
