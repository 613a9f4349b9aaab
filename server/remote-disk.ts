import {readFileSync, realpathSync, statfsSync} from 'node:fs';
import process from 'node:process';

/** File systems whose data comes from another machine or another program, by their type number in Linux. */
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

/** The same file systems by name, as the list of mounts shows them. */
const remoteNames =
  /^(?:nfs4?|smb3?|smbfs|cifs|fuse(?:blk|\..+)?|ceph|9p|afs|coda|lustre|gpfs|ibrix|beegfs)$/;

/**
 * Whether reading the folder at `path`, or a disk mounted below it, can hang for seconds because of a network. Only
 * Linux tells this, and only for current mounts; elsewhere every disk counts as local.
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

/**
 * Whether `mountInfo`, the text of /proc/self/mountinfo, has a remote disk below `folder`. Both strings have one
 * character for each byte.
 */
export function hasRemoteMount(folder: string, mountInfo: string): boolean {
  const inside = folder === '/' ? '/' : `${folder}/`;
  return mountInfo.split('\n').some(line => {
    const [mount = '', source = ''] = line.split(' - ');
    const [name = ''] = source.split(' ');
    // The kernel writes a blank, a tab, a line feed and a backslash as three octal digits.
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
    // Without /proc this is unknown; the first slow call will show it.
    return '';
  }
}
