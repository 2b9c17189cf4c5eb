import type { QuestionKind } from '../../domain/token.ts';
import { say, type TextValues } from '../texts.ts';

interface AnswerFormProps {
  readonly kind: QuestionKind;
  readonly values: TextValues;
  readonly token: string;
}

/** What will happen, and the two buttons. */
export function AnswerForm({ kind, values, token }: AnswerFormProps) {
  return (
    <form method="post">
      <p>{say(`confirm.${kind}.body`, values)}</p>
      <input type="hidden" name="token" value={token} />
      <div class="actions">
        <button type="submit" name="answer" value="yes">
          {say(`confirm.${kind}.yes`)}
        </button>
        <button type="submit" name="answer" value="no" class="second">
          {say(`confirm.${kind}.no`)}
        </button>
      </div>
    </form>
  );
}

/** For somebody who came too late. */
export function AskAgainForm({ values, token }: Omit<AnswerFormProps, 'kind'>) {
  return (
    <form method="post">
      <p>{say('confirm.expired-again', values)}</p>
      <input type="hidden" name="token" value={token} />
      <div class="actions">
        <button type="submit" name="answer" value="again">
          {say('confirm.again')}
        </button>
      </div>
    </form>
  );
}
