/** Runs the lines of docs/deploy.md as printed. */
import assert from 'node:assert/strict';
import {cpSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import type {Machine, Running} from '../end-to-end/machine.ts';
import {withoutSshd} from '../fixtures/ssh-server.ts';
import {bucketHost, bucketKeys, startBucket} from './lines/bucket.ts';
import {readPage} from './lines/page.ts';
import {type SshDaemon, startSsh} from './lines/ssh.ts';
import {bootMachine, cannotBoot} from './lines/systemd.ts';
import {testPage} from './lines/test-page.ts';
import {hasFiles, look, numberOf, numbersAt, serve, stop, type} from './lines/typing.ts';
import {noWorld, startWorld, type World} from './lines/world.ts';

type Place = World & {
  ssh: SshDaemon;
  /** The server of the first line, which keeps running, and the token that a later line adds. */
  first?: {address: string; run: Running};
  token?: string;
};

const checkout = join(import.meta.dirname, '../..');
const boat = readFileSync(join(checkout, 'files/fotos/2025/barco.jpg'));

/** The lines for a machine that systemd has started, in the order of the page. */
const underSystemd: Record<string, (machine: Machine, line: string) => Promise<void>> = {
  async 'cp docs/deploy/jangada-server.s* /etc/systemd/system/'(machine, line) {
    await type(machine, `cd /opt/jangada && ${line}`);
  },
  async 'systemctl enable --now jangada-server.socket'(machine, line) {
    await type(machine, line);
    await type(machine, 'systemctl is-active jangada-server.socket');
    await type(machine, 'systemctl is-active jangada-server.service', 3);
  },
  async 'systemctl start jangada-server'(machine, line) {
    await type(machine, line);
  },
  async 'journalctl -u jangada-server -o cat'(machine, line) {
    const journalHas = (wanted: string) =>
      type(machine, `until ${line} | grep -E '${wanted}'; do sleep 0.1; done`);
    const told = await journalHas('^jangadas://[^@]{43}@192.0.2.7:1234#sha256:[0-9a-f]{64}$');
    const get = async () => {
      await type(machine, `jangada sget fotos/2025/barco.jpg -s '${told.trim()}'`);
      hasFiles(machine.work, new Map([['barco.jpg', boat]]));
    };
    await get();
    await type(machine, 'systemctl reload jangada-server');
    await journalHas('read the certificate again');
    // The socket stays, and the next connection starts the server with the same state.
    await type(machine, 'systemctl stop jangada-server.service');
    await get();
    await type(machine, 'systemctl is-active jangada-server.service');
    const owner = await type(machine, 'stat -c %U /var/lib/jangada-server/server-tokens');
    assert.equal(owner, 'jangada-server\n');
    assert.equal(await type(machine, 'systemctl --failed --quiet --plain'), '');
  },
};

testPage<Place>('deploy', {
  skip: noWorld() || withoutSshd,
  prepare,
  lines: {
    async 'jangada-server /srv/files --host 0.0.0.0'(place, line) {
      const [address, run] = await serve(place, line);
      await stop(run);
      const [again, second] = await serve(place, line);
      assert.equal(again, address, 'every start prints the same one');
      place.first = {address, run: second};
      await gets(place, address);
    },
    async 'jangadas://TOKEN@192.0.2.7:1234#sha256:HEX'({first}, line) {
      const form = line.replace('TOKEN', '[\\w-]{43}').replace('HEX', '[0-9a-f]{64}');
      assert.match(first?.address ?? '', new RegExp(`^${form}$`));
    },
    async 'jangada-server token add anna --folder photos --expires 2027-01-31'(place, line) {
      // A date of next year, because the date on the page will be past some day.
      const year = new Date().getFullYear() + 1;
      const added = await type(place, line.replace('2027', String(year)));
      place.token = added.trim();
      assert.match(await ofAnna(place, 'list'), /barco\.jpg/);
    },
    async 'jangada-server token list'(place, line) {
      assert.match(await type(place, line), /^anna\t\/photos\t/m);
    },
    async 'jangada-server token remove anna'(place, line) {
      await type(place, line);
      await ofAnna(place, 'list', 4);
      assert.doesNotMatch(await type(place, 'jangada-server token list'), /anna/);
      assert.ok(place.first);
      await stop(place.first.run);
    },

    async 'jangada-server s3://photos/2026 --s3-endpoint http://10.0.0.5:7480 --host 0.0.0.0'(
      place,
      line,
    ) {
      await startBucket(place, new Map([['2026/photos/barco.jpg', boat]]));
      const [address, run] = await serve(place, `${bucketKeys}\n${line}`);
      await gets(place, address);
      await stop(run);
    },
    async 'jangada-server /srv/files --host 0.0.0.0 --processes 4'(place, line) {
      const [address, run] = await serve(place, line);
      await gets(place, address);
      await stop(run);
    },

    async 'jangada ssh://host/srv/files'(place, line) {
      await look(place, line, /ssh:\/\/host[\s\S]*photos\//);
    },
    'jangada-server --stdio': {notRun: 'it is what ssh starts for the line before'},
    async 'restrict,command="jangada-server --stdio --restrict /srv/files" ssh-ed25519 AAAA… anna'(
      place,
      line,
    ) {
      const {ssh} = place;
      ssh.authorize(line.replace('ssh-ed25519 AAAA… anna', ssh.key));
      await type(place, 'jangada sget photos/barco.jpg -s ssh://host');
      hasFiles(place.work, new Map([['barco.jpg', boat]]));
      await type(place, 'jangada list ssh://host/srv', 3);
    },

    ...Object.fromEntries(
      Object.keys(underSystemd).map(line => [
        line,
        {notRun: 'the last test runs it under systemd'},
      ]),
    ),
    'npm pack': {notRun: 'test/package.test.ts packs and installs'},

    async 'jangada-server /srv/files --metrics 127.0.0.1:9464'(place, line) {
      const [address, run] = await serve(place, line);
      await gets(place, address);
      const numbers = await numbersAt(place, '127.0.0.1:9464');
      assert.ok(numberOf(numbers, 'jangada_sent_bytes_total') >= boat.length);
      const types = [...numbers.matchAll(/^# TYPE (\w+ \w+)$/gm)].map(([, words = '']) => words);
      assert.deepEqual(metricsOfPage(), types.sort());
      await stop(run);
    },
    async 'jangada-server --help'(place, line) {
      assert.match(await type(place, line), /^Listening\n[\s\S]*^Other options\n/m);
    },
  },
});

test('the lines of docs/deploy.md for systemd do what the page says', {
  skip: cannotBoot(),
  timeout: 120_000,
}, async t => {
  const machine = await bootMachine(t);
  for (const [line, check] of Object.entries(underSystemd)) {
    await check(machine, line);
  }
});

async function prepare(t: TestContext): Promise<Place> {
  const world = await startWorld(t, {
    addresses: ['192.0.2.7', bucketHost],
    hosts: {host: '127.0.0.1'},
  });
  cpSync(join(checkout, 'files/fotos/2025'), join(world.own.srv, 'files/photos'), {
    recursive: true,
  });
  return {...world, ssh: await startSsh(world, ['host'])};
}

/** Check that a client with this address gets the file of the server, byte for byte. */
async function gets(place: World, address: string): Promise<void> {
  await type(place, `jangada sget photos/barco.jpg -s '${address}'`);
  hasFiles(place.work, new Map([['barco.jpg', boat]]));
}

/** Run a command as a client that has the token of the page and no earlier state. */
function ofAnna({first, token, ...place}: Place, command: string, status = 0): Promise<string> {
  const address = (first?.address ?? '').replace(/\/\/[^@]+/, `//${token}`);
  return type(place, `JANGADA_STATE=~/anna jangada ${command} -s '${address}'`, status);
}

/** Each metric of the table, with its type. */
function metricsOfPage(): string[] {
  const rows = readPage('deploy').tables.flat();
  return rows
    .filter(
      ([names = '', kind = '']) => /_/.test(names) && /^(?:gauge|counter|histogram)$/.test(kind),
    )
    .flatMap(([names = '', kind = '']) =>
      [...names.matchAll(/`(\w+)`/g)].map(([, name = '']) => `${name} ${kind}`),
    )
    .sort();
}
