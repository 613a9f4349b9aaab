import assert from 'node:assert/strict';
import {test} from 'node:test';
import {hasRemoteMount} from '../../server/remote-disk.ts';

const mountInfo = `22 28 0:20 / /sys rw,nosuid shared:7 - sysfs sysfs rw
28 1 254:0 / / rw,relatime - ext4 /dev/vda rw
31 28 0:44 / /srv/files/shared rw shared:9 master:2 - fuse.glusterfs 192.0.2.1:/shared rw,allow_other
32 28 0:45 / /srv/two\\040words/nfs rw - nfs4 nas:/export rw
33 28 0:46 / /home/tmp rw - tmpfs tmpfs rw
34 28 0:47 / /sys/fs/fuse/connections rw - fusectl fusectl rw
`;

test('a network disk is found wherever in the served folder it is mounted', () => {
  for (const [folder, isFound] of [
    ['/', true],
    ['/srv', true],
    ['/srv/files', true],
    ['/srv/two words', true],
    ['/srv/file', false],
    ['/srv/files/other', false],
    ['/home', false],
    ['/sys', false],
  ] as const) {
    assert.equal(hasRemoteMount(folder, mountInfo), isFound, folder);
  }
});

test('a disk is of another machine by the name of its file system', () => {
  const isRemote = (name: string) =>
    hasRemoteMount('/srv', `31 28 0:44 / /srv/disk rw - ${name} x rw`);
  const remote =
    'nfs nfs4 smb3 smb smbfs cifs fuseblk fuse.sshfs ceph 9p afs coda lustre gpfs ibrix beegfs';
  for (const name of remote.split(' ')) {
    assert.equal(isRemote(name), true, name);
  }

  for (const name of 'ext4 xfs btrfs zfs tmpfs overlay nfsd fusectl fuse. nfs5 vfat'.split(' ')) {
    assert.equal(isRemote(name), false, name);
  }

  assert.equal(hasRemoteMount('/srv/disk', '31 28 0:44 / /srv/disk rw - nfs x rw'), false);
  assert.equal(hasRemoteMount('/srv/disk', ''), false);
});
