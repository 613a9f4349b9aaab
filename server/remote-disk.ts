import {readFileSync, realpathSync, statfsSync} from 'node:fs';
import process from 'node:process';

/** File systems whose data is another machine's, or another program's, by the number that Linux gives them. */
const remoteTypes = new Set([
  0x6969, // NFS
  0x517b, // SMB
  0xff534d42, // CIFS
  0xfe534d42, // SMB 2 and later
  0x65735546, // FUSE: sshfs, GlusterFS, s3fs and many more
  0x00c36400, // Ceph
  0x01021997, // 9P
  0x5346414f, // AFS
  0x73757245, // Coda
  0x0bd00bd0, // Lustre
  0x47504653, // GPFS
  0x013111a8, // IBRIX
  0x19830326, // BeeGFS
]);

/** The same as names, which the list of mounts has. */
const remoteNames =
  /^(?:nfs4?|smb3?|smbfs|cifs|fuse(?:blk|\..+)?|ceph|9p|afs|coda|lustre|gpfs|ibrix|beegfs)$/;

/**
 * Whether the folder at `path`, or a disk that is mounted in it, can hang for seconds because a network does. It
 * is known on Linux alone, and of what is mounted now; elsewhere every disk counts as local.
 */
export function isRemoteDisk(path: string): boolean {
  return (
    process.platform === 'linux' &&
    (remoteTypes.has(statfsSync(path).type >>> 0) || hasRemoteMount(realPath(path), mounts()))
  );
}

/** The path without links, one character a byte: its names need not be UTF-8. */
function realPath(path: string): string {
  return realpathSync.native(path, {encoding: 'buffer'}).toString('latin1');
}

/** Whether one of `mountInfo`, the lines of /proc/self/mountinfo, is a remote disk below `folder`; both have one character a byte. */
export function hasRemoteMount(folder: string, mountInfo: string): boolean {
  const inside = folder === '/' ? '/' : `${folder}/`;
  return mountInfo.split('\n').some(line => {
    const [mount = '', source = ''] = line.split(' - ');
    const [name = ''] = source.split(' ');
    // A blank, a tab, a line feed and a backslash are written as three octal digits.
    const place = (mount.split(' ')[4] ?? '').replace(/\\(\d{3})/g, (_, digits: string) =>
      String.fromCharCode(Number.parseInt(digits, 8)),
    );
    return place.startsWith(inside) && remoteNames.test(name);
  });
}

function mounts(): string {
  try {
    return readFileSync('/proc/self/mountinfo', 'latin1');
  } catch {
    // Without /proc nobody can say; the first call that takes long does.
    return '';
  }
}
