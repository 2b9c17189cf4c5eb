import { say } from '../texts.ts';

interface LeaveButtonProps {
  readonly list: string;
  readonly address: string;
  /** Masked. */
  readonly email: string;
}

export function LeaveButton({ list, address, email }: LeaveButtonProps) {
  return (
    <form method="post">
      <p>{say('goodbye.body', { email, list, address })}</p>
      <div class="actions">
        <button type="submit">{say('goodbye.button')}</button>
      </div>
    </form>
  );
}
