import { say, type TextKey } from '../texts.ts';

interface RequestFormProps {
  readonly want: 'join' | 'leave';
  readonly seal: string;
  /** What was typed before, when the form is shown again. */
  readonly email: string;
  readonly name: string;
  readonly problem: TextKey | undefined;
}

export function RequestForm({ want, seal, email, name, problem }: RequestFormProps) {
  const wrongAddress = problem === 'form.bad-address';
  return (
    <form method="post">
      <p>{say(`${want}.body`)}</p>
      {want === 'leave' && <p class="quiet">{say('leave.faster')}</p>}
      {problem && (
        <p class="note" role="alert" id="problem">
          {say(problem)}
        </p>
      )}
      <div class="field">
        <label for="email">{say('form.email')}</label>
        <input
          id="email"
          name="email"
          type="email"
          inputmode="email"
          autocomplete="email"
          required
          maxlength={254}
          value={email}
          {...(wrongAddress && { 'aria-invalid': 'true', 'aria-describedby': 'problem' })}
        />
      </div>
      {want === 'join' && (
        <div class="field">
          <label for="name">{say('form.name')}</label>
          <p class="hint" id="name-hint">
            {say('form.name-hint')}
          </p>
          <input
            id="name"
            name="name"
            autocomplete="name"
            aria-describedby="name-hint"
            maxlength={200}
            value={name}
          />
        </div>
      )}
      <div class="trap" aria-hidden="true">
        <label for="website">{say('form.trap')}</label>
        <input id="website" name="website" tabindex={-1} autocomplete="off" />
      </div>
      <input type="hidden" name="shown" value={seal} />
      <div class="actions">
        <button type="submit">{say(`${want}.button`)}</button>
      </div>
    </form>
  );
}
