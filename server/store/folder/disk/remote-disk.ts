import {statfsSync} from 'node:fs';
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

/**
 * Whether the folder at `path` is on a disk that can hang for seconds because a network does. It
 * is known on Linux alone; elsewhere every disk counts as local.
 */
export function isRemoteDisk(path: string): boolean {
  return process.platform === 'linux' && remoteTypes.has(statfsSync(path).type >>> 0);
}
