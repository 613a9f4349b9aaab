/**
 * The settings of HAProxy and the line for a server of docs/scale.md, as printed, on machines (network namespaces) with the
 * addresses of the page. Only the served folder is another one.
 */
import assert from 'node:assert/strict';
import {cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {connect} from 'node:net';
import {join} from 'node:path';
import process from 'node:process';
import {text} from 'node:stream/consumers';
import {type TestContext, test} from 'node:test';
import {haproxyProgram} from '../engines/haproxy.ts';
import {noise, temporaryFolder, until} from '../fixtures/harness.ts';
import {cannotConnect, ip, type Machine, machineIn, must} from './machine.ts';

const page = readFileSync(new URL('../../docs/scale.md', import.meta.url), 'utf8');
const [, settings = ''] = /```haproxy\n([\s\S]*?)```/.exec(page) ?? [];
const [, serverLine = ''] = /\n {4}(jangada-server .*)\n/.exec(page) ?? [];
const content = noise(3 * 1_048_576 + 5);

test('the settings and lines of docs/scale.md work as printed', {
  timeout: 180_000,
  skip: cannotConnect() || (existsSync(haproxyProgram) ? false : 'there is no HAProxy'),
}, async t => {
  assert.match(
    serverLine,
    /^jangada-server \/srv\/files --host 10\.0\.0\.11 --trust-proxy 10\.0\.0\.1 /,
  );
  const [balancer, one, two, client] = machines(t);
  const root = temporaryFolder(t);
  writeFileSync(join(root, 'sea.bin'), content);
  const start = (machine: Machine, address: string) =>
    machine.run(serverLine.replace('/srv/files', root).replace('10.0.0.11', address));
  const first = start(one, '10.0.0.11');
  await until(() => first.stdout.includes('\n') || first.status !== undefined);
  const shared = first.stdout.trim();
  assert.match(
    shared,
    /^jangadas:\/\/[\w-]{43}@10\.0\.0\.11:1234#sha256:[0-9a-f]{64}$/,
    first.stderr,
  );
  const state = join('.local', 'state', 'jangada');
  mkdirSync(join(two.home, '.local', 'state'), {recursive: true});
  cpSync(join(one.home, state), join(two.home, state), {recursive: true});
  const second = start(two, '10.0.0.12');
  await until(() => second.stdout.includes('\n') || second.status !== undefined);
  assert.equal(second.stdout.trim(), shared.replace('10.0.0.11', '10.0.0.12'), second.stderr);

  const socket = join(balancer.home, 'socket');
  const file = join(balancer.home, 'haproxy.cfg');
  // A second file of settings, so that the first one stays as printed.
  const watched = join(balancer.home, 'watched.cfg');
  writeFileSync(file, settings);
  writeFileSync(watched, `global\n  stats socket ${socket}\n`);
  const haproxy = balancer.run(`${haproxyProgram} -db -f ${watched} -f ${file}`);
  await until(() => existsSync(socket) || haproxy.status !== undefined);
  assert.equal(haproxy.status, undefined, haproxy.stderr);
  await untilStates(socket, ['UP', 'UP']);

  const address = shared.replace('10.0.0.11', '10.0.0.1');
  const sget = async () => {
    rmSync(join(client.work, 'sea.bin'), {force: true});
    const run = client.run(`jangada sget sea.bin --quiet -s '${address}'`);
    await until(() => run.status !== undefined);
    assert.deepEqual([run.status, run.stderr], [0, '']);
    assert.ok(readFileSync(join(client.work, 'sea.bin')).equals(content));
  };
  await sget();
  const ofClient = () =>
    [first, second].map(server => server.stderr.split('"peer":"10.0.0.99:').length - 1);
  await until(() => ofClient().some(count => count > 0));
  assert.ok(ofClient().includes(0), 'one client stays with one server');
  const isFirst = ofClient()[0] !== 0;
  const [stops, other] = isFirst ? [first, second] : [second, first];

  stops.signal('SIGTERM');
  await untilStates(socket, isFirst ? [/^NOLB/, 'UP'] : ['UP', /^NOLB/]);
  await sget();
  await until(() => other.stderr.includes('"peer":"10.0.0.99:'));
  await until(() => stops.status !== undefined);
  assert.equal(stops.status, 0, stops.stderr);
  await sget();
});

/** The balancer, two servers and a client with the addresses of the page, in one network. */
function machines(t: TestContext): [Machine, Machine, Machine, Machine] {
  const name = (machine: string) => `jangada-${process.pid}-${machine}`;
  const hub = name('balancer');
  const others = {one: '10.0.0.11', two: '10.0.0.12', client: '10.0.0.99'};
  t.after(() => {
    for (const machine of ['balancer', ...Object.keys(others)]) {
      ip('netns', 'delete', name(machine));
    }
  });
  must('netns', 'add', hub);
  must('-n', hub, 'link', 'add', 'wires', 'type', 'bridge');
  must('-n', hub, 'address', 'add', '10.0.0.1/24', 'dev', 'wires');
  for (const [machine, address] of Object.entries(others)) {
    const own = name(machine);
    must('netns', 'add', own);
    must('-n', own, 'link', 'add', 'wire', 'type', 'veth', 'peer', 'name', machine, 'netns', hub);
    must('-n', own, 'address', 'add', `${address}/24`, 'dev', 'wire');
    must('-n', hub, 'link', 'set', machine, 'master', 'wires', 'up');
    for (const device of ['wire', 'lo']) {
      must('-n', own, 'link', 'set', device, 'up');
    }
  }

  for (const device of ['wires', 'lo']) {
    must('-n', hub, 'link', 'set', device, 'up');
  }

  return [
    machineIn(t, hub),
    machineIn(t, name('one')),
    machineIn(t, name('two')),
    machineIn(t, name('client')),
  ];
}

/** Wait until HAProxy reports these states of its servers. */
async function untilStates(socket: string, wanted: readonly (string | RegExp)[]): Promise<void> {
  for (;;) {
    const asked = connect(socket);
    asked.end('show stat\n');
    const rows = (await text(asked)).split('\n').map(row => row.split(','));
    const states = rows
      .filter(([, name]) => name === 'one' || name === 'two')
      .map(row => row[17] ?? '');
    if (states.every((state, at) => new RegExp(wanted[at] ?? '').test(state))) {
      return;
    }

    await new Promise(resolve => setTimeout(resolve, 50));
  }
}
