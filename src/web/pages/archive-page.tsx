import { say } from '../texts.ts';

/** What is read by mail, and the command for it (email.md §2.3). */
export function ArchivePage() {
  return (
    <>
      <p>{say('archive.body')}</p>
      <dl>
        <dt>{say('archive.index')}</dt>
        <dd>index</dd>
        <dt>{say('archive.get')}</dt>
        <dd>get 17</dd>
        <dt>{say('archive.search')}</dt>
        <dd>search nest boxes</dd>
      </dl>
    </>
  );
}
