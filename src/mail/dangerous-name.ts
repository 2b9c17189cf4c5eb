/** What a file does to whoever opens it, in words that follow "is". */
export type Danger =
  | 'a program'
  | 'a script'
  | 'a document with macros'
  | 'a shortcut that can start programs'
  | 'a disk image'
  | 'a file that changes the system';

/** Why nobody should open a file of that name, as a clause; undefined where its name tells nothing bad. */
export function dangerOfName(written: string): string | undefined {
  const shown = shorten(written);
  // U+202D and U+202E turn "Photo<202E>gpj.exe" into "Photoexe.jpg" on screen; U+202A to C and the isolates are how Arabic and Hebrew are written.
  if (/[\u202d\u202e]/.test(written)) return `the name of "${shown}" is turned round to hide what it is`;
  const danger = kindOfName(written);
  if (!danger) return undefined;
  const pretended = pretendedType(bareName(written));
  return `"${shown}" is ${danger}${pretended ? ` that pretends to be a ${pretended}` : ''}`;
}

/** What a file of that name is, if it is dangerous; `written` may be a path. */
export function kindOfName(written: string): Danger | undefined {
  // A macOS program is a folder.
  if (/\.app[/\\]/i.test(written)) return 'a program';
  return byExtension.get(/\.([a-z0-9-]{1,25})$/.exec(bareName(written))?.[1] ?? '');
}

export function kindOfType(type: string): Danger | undefined {
  return /macroenabled/.test(type) ? 'a document with macros' : byType.get(type);
}

/** Whether a file of that name or media type says that it is an archive or compressed: what opens it looks further than its first bytes. */
export function saysArchive(names: readonly string[], type: string): boolean {
  return archiveTypes.test(type) || names.some((name) => archiveNames.test(bareName(name)));
}

const archiveNames =
  /\.(?:zipx?|7z|rar|tar|cpio|tgz|taz|tbz2?|txz|tlz|tzst|gz|bz2?|xz|lzma|lz4?|zst|z|cab|arj|lzh|lha|ace|alz|egg|zoo|wim|swm|sitx?)$/;
const archiveTypes =
  /^application\/(?:x-|vnd\.)?(?:zip|zip-compressed|7z-compressed|rar|rar-compressed|tar|gtar|gzip|bzip2?|xz|lzma|lzip|lzh|lha|arj|ace|ace-compressed|zstd|compress|compressed|ms-cab-compressed|cpio|stuffit)$/;

/** Whether a file of that name inside an archive has files inside by itself; one compressed file is none. */
export function isArchiveInside(written: string): boolean {
  return archivesInside.test(bareName(written));
}

const archivesInside =
  /\.(?:zipx?|jar|7z|rar|(?:tar|cpio)(?:\.(?:gz|bz2?|xz|lzma|lz4?|zst|z))?|tgz|taz|tbz2?|txz|tlz|tzst|cab|arj|lzh|lha|ace|alz|egg|zoo|wim|swm|sitx?)$/;

/** Fit for a sentence of ours: no control or direction characters, no quotes, at most 80 characters. */
export function shorten(written: string): string {
  const name = (written.split(/[/\\]/).pop() ?? '').replace(/[\p{Cc}\p{Cf}\p{Cs}"]/gu, '');
  return name.length <= 80 ? name : `${name.slice(0, 50)}…${name.slice(-25)}`;
}

/** As Windows will name the file: it drops spaces and dots at the end and what follows a colon, a stream's name. */
function bareName(written: string): string {
  const name = (written.split(/[/\\]/).pop() ?? '').slice(-300).replace(/[\p{Cc}\p{Cf}]/gu, '');
  const colon = name.indexOf(':', 2);
  let end = colon === -1 ? name.length : colon;
  while (end > 0 && /[\s.]/.test(name[end - 1] ?? '')) end--;
  return name.slice(0, end).toLowerCase();
}

/** `report.pdf.exe`, `report.pdf          .exe` → `pdf` */
function pretendedType(name: string): string | undefined {
  return /\.(pdf|docx?|xlsx?|pptx?|od[tsp]|rtf|txt|csv|html?|jpe?g|png|gif|mp[34]|zip)[\s._]*\.[a-z0-9-]+$/.exec(
    name,
  )?.[1];
}

const extensions: Readonly<Record<Danger, string>> = {
  'a program':
    'exe com scr pif cpl dll ocx sys drv msi msix msixbundle msp mst appx appxbundle appinstaller application appref-ms gadget xbap xll jar jnlp apk ipa deb rpm pkg mpkg elf so dylib kext air',
  'a script':
    'bat cmd vb vbs vbe vbscript js jse mjs ws wsf wsh wsc sct hta htc ps1 ps1xml ps2 ps2xml psc1 psc2 psd1 psm1 msh msh1 msh2 mshxml sh bash csh ksh zsh command tcsh scpt applescript ahk au3',
  'a document with macros':
    'docm dotm xlsm xltm xlam xlsb xla xlm pptm potm ppsm ppam ppa sldm ade adp mda mdb mde mdt mdw mdz accda accdb accde accdr slk wiz',
  'a shortcut that can start programs':
    'lnk url scf website webloc desktop library-ms search-ms searchconnector-ms settingcontent-ms theme themepack desktopthemepackfile iqy oqy rqy',
  'a disk image': 'iso img vhd vhdx dmg udf',
  'a file that changes the system':
    'reg inf ins isp msc chm hlp job diagcab diagcfg diagpkg mobileconfig prf rdp wcx xnk',
};

const byExtension: ReadonlyMap<string, Danger> = new Map(
  Object.entries(extensions).flatMap(([danger, names]) =>
    names.split(' ').map((name) => [name, danger as Danger] as const),
  ),
);

const types: Readonly<Partial<Record<Danger, string>>> = {
  'a program':
    'application/x-msdownload application/x-msdos-program application/x-dosexec application/x-exe application/exe application/x-winexe application/vnd.microsoft.portable-executable application/x-executable application/x-sharedlib application/x-mach-binary application/x-msi application/java-archive application/x-java-archive application/vnd.android.package-archive application/x-ms-application',
  'a script':
    'application/hta application/javascript application/x-javascript text/javascript text/vbscript text/vbs application/x-vbs application/x-bat application/bat application/x-sh application/x-shellscript text/x-shellscript text/x-sh application/x-powershell',
  'a shortcut that can start programs': 'application/x-ms-shortcut application/internet-shortcut',
  'a disk image': 'application/x-iso9660-image application/x-apple-diskimage application/x-raw-disk-image',
};

const byType: ReadonlyMap<string, Danger> = new Map(
  Object.entries(types).flatMap(([danger, names]) =>
    names.split(' ').map((name) => [name, danger as Danger] as const),
  ),
);
