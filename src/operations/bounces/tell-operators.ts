import type { TextKey, TextValues } from '../../mail/texts.ts';
import { sendNotice } from '../notices.ts';
import type { Context } from '../operation.ts';
import { operatorsOf } from '../operators.ts';

/** A mail to each of the people who run the site. */
export async function tellOperators(
  context: Context,
  { text, values }: { readonly text: TextKey; readonly values: TextValues },
): Promise<void> {
  for (const to of operatorsOf(context.site))
    await sendNotice(context, { text, values, to, returnPath: 'null', patient: true });
}
