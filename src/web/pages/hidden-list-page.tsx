import { say } from '../texts.ts';

/** Links are relative to the path, so that the page is the same, to the byte, for every name. */
export function HiddenListPage() {
  return (
    <>
      <p>{say('hidden.body')}</p>
      <p>{say('hidden.known')}</p>
      <ul>
        <li>
          <a href="join">{say('hidden.join')}</a>
        </li>
        <li>
          <a href="leave">{say('hidden.leave')}</a>
        </li>
        <li>
          <a href="m/">{say('hidden.archive')}</a>
        </li>
        <li>
          <a href="help">{say('hidden.help')}</a>
        </li>
      </ul>
    </>
  );
}
