import type { DirectoryPage as Directory } from '../../operations/lists/show-directory.ts';
import { say } from '../texts.ts';

interface DirectoryPageProps {
  readonly directory: Directory;
  readonly base: string;
}

export function DirectoryPage({ directory, base }: DirectoryPageProps) {
  const { lists, next } = directory;
  if (lists.length === 0) return <NoLists />;
  return (
    <>
      <ul class="lists">
        {lists.map(({ title, purpose, address, path }) => (
          <li>
            <a href={`${base}/${path}/`}>{title}</a>
            {purpose !== '' && <p class="text">{purpose}</p>}
            <p class="quiet">{address}</p>
          </li>
        ))}
      </ul>
      {next !== undefined && (
        <p>
          <a href={`${base}/?after=${encodeURIComponent(next)}`}>{say('directory.more')}</a>
        </p>
      )}
    </>
  );
}

function NoLists() {
  return (
    <>
      <p>{say('directory.none')}</p>
      <p class="quiet">{say('directory.hidden')}</p>
    </>
  );
}
