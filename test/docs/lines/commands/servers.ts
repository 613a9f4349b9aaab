/** Lines of docs/commands.md about reaching a server: by an address, several at once, over ssh. */
import assert from 'node:assert/strict';
import {join} from 'node:path';
import {treeOf} from '../../../fixtures/harness.ts';
import {listedIn} from '../../../fixtures/json-output.ts';
import {type Line, printed} from '../test-page.ts';
import {empty, hasFiles, likeness, look, numberOf, numbersAt, type, write} from '../typing.ts';
import {below, boat, disk, MiB, type Place, photos} from './place.ts';

export const serverLines: Record<string, Line<Place>> = {
  async 'jangada sget jangada://HOST:PORT/photos/boat.jpg'(place, line) {
    await type(place, line.replace('HOST:PORT', 'one:1234'));
    hasFiles(place.work, new Map([['boat.jpg', boat]]));
  },
  async 'jangada sget -- -odd-name'(place, line) {
    await type(place, line);
    hasFiles(place.work, new Map([['-odd-name', Buffer.from('odd')]]));
  },

  async "jangada mget 'photos/**' -s jangada://one:1234 -s jangada://two:1234"(place, line) {
    await type(place, line);
    hasFiles(place.work, below('photos', photos));
    const numbers = await numbersAt(place, place.numbersOfTwo);
    const fromTwo = numberOf(numbers, 'jangada_sent_bytes_total');
    assert.ok(fromTwo >= MiB, `${fromTwo} bytes came from the second server`);
  },
  async 'jangada one:1234 two:1234'(place, line) {
    await look(place, line, /one:1234 \(2 of 2 servers\)[\s\S]*disk\.img/);
  },
  async "JANGADA_SERVER='jangada://one jangada://two' jangada verify disk.img"(place, line) {
    const copy = join(place.work, 'disk.img');
    write(copy, disk);
    assert.equal(await type(place, line), 'disk.img: verified, 4 blocks\n');
    write(copy, disk.subarray(1));
    assert.match(await type(place, line, 5), /^disk\.img: differs/);
    empty(place.work);
  },

  async 'jangada ssh://nas/srv/photos'(place, line) {
    await look(place, line, /ssh:\/\/nas[\s\S]*boat\.jpg/);
  },
  async "jangada mget 'ssh://nas/~/photos/**' --ssh 'ssh -J gate' --remote-command /opt/node/bin/jangada-server"(
    place,
    line,
  ) {
    const content = Buffer.from('at home');
    write(join(place.home, 'photos/2025/home.jpg'), content);
    await type(place, line);
    hasFiles(place.work, new Map([['2025/home.jpg', content]]));
  },
  async 'restrict,command="jangada-server --stdio --restrict /srv/photos" ssh-ed25519 AAAA… me@laptop'(
    place,
    line,
  ) {
    const {ssh} = place;
    ssh.authorize(line.replace('ssh-ed25519 AAAA… me@laptop', ssh.key));
    const names = async (address: string) =>
      namesIn(await type(place, `jangada list ${address} --json`));
    assert.deepEqual(await names('ssh://nas'), ['2025', 'boat.jpg']);
    assert.deepEqual(await names('ssh://nas/~/2025'), ['sea.raw']);
    assert.deepEqual(await names('ssh://nas/srv/photos/2025'), ['sea.raw']);
    await type(place, 'jangada list ssh://nas/srv/files', 3);
    const before = treeOf(place.own.srv).size;
    await type(place, 'ssh nas touch /srv/photos/made', 1);
    assert.equal(treeOf(place.own.srv).size, before);
    ssh.authorize(ssh.key);
  },

  async "jangada mget '**' -s one:1234/photos --to ~/pictures"(place, line) {
    await type(place, line);
    hasFiles(join(place.home, 'pictures'), photos);
  },

  async '$ jangada ping -s files.example.org'(place, line) {
    assert.match(
      await type(place, line.slice(2)),
      likeness('ready  12 ms  jangada://files.example.org:1234'),
    );
    await type(place, line.slice(2).replace('files', 'nobody'), 3);
  },
  'ready  N ms  jangada://files.example.org:1234': printed,
};

function namesIn(output: string): string[] {
  return (listedIn(output) as {name: string}[]).map(({name}) => name);
}
