/** Runs the lines of docs/commands.md as printed, except those that only show how a command is written. */
import {cpSync} from 'node:fs';
import {join} from 'node:path';
import type {TestContext} from 'node:test';
import {commandOf, commandWords} from '../../source/commands/arguments/catalogue.ts';
import {withoutSshd} from '../fixtures/ssh-server.ts';
import {checkingLines} from './lines/commands/checking.ts';
import {otherLines} from './lines/commands/other.ts';
import {disk, type Place, served} from './lines/commands/place.ts';
import {queueLines} from './lines/commands/queue.ts';
import {serverLines} from './lines/commands/servers.ts';
import {startSsh} from './lines/ssh.ts';
import {testPage} from './lines/test-page.ts';
import {serve, write} from './lines/typing.ts';
import {noWorld, startWorld} from './lines/world.ts';

const howWritten = {notRun: 'it says how a command is written'};

/** The usage line of each command of the program, which the page must have. */
const usages = Object.fromEntries(
  ['open' as const, ...commandWords].map(word => [commandOf(word).usage, howWritten]),
);

testPage('commands', {
  skip: noWorld() || withoutSshd,
  prepare,
  lines: {
    ...usages,
    'jangada [ADDRESS...]': {...howWritten, as: 'jangada one:1234 two:1234'},
    'jangada queue COMMAND': {...howWritten, as: 'jangada queue list'},
    'jangada help COMMAND': {...howWritten, as: 'jangada help queue add'},
    'jangada completion SHELL': {...howWritten, as: 'jangada completion zsh'},
    'jangada completion powershell | Out-String | Invoke-Expression': {
      ...howWritten,
      as: 'jangada completion powershell',
    },
    'jangada-server completion SHELL': howWritten,
    'jangada verify --checksums FILE [NAME...]': howWritten,
    'jangada-server --stdio -- FOLDER': howWritten,
    ...serverLines,
    ...checkingLines,
    ...queueLines,
    ...otherLines,
  },
});

async function prepare(t: TestContext): Promise<Place> {
  const [twoAddress, exampleAddress] = ['127.0.1.2', '127.0.1.3'];
  const here = '127.0.0.1';
  const world = await startWorld(t, {
    hosts: {
      ...{one: here, two: twoAddress, nas: here, gate: here},
      ...{'files.example.org': exampleAddress, 'mirror.example.net': here},
    },
  });
  const {own} = world;
  for (const [name, content] of served) {
    write(join(own.srv, 'files', name), content);
  }

  cpSync(join(own.srv, 'files/photos'), join(own.srv, 'photos'), {recursive: true});
  write(join(own.srv, 'example/disk.img'), disk);
  const wrapper = join(own.opt, 'node/bin/jangada-server');
  cpSync(join(world.home, 'bin/jangada-server'), wrapper, {recursive: true});
  const [ssh] = await Promise.all([
    startSsh(world, ['nas', 'gate']),
    serve(world, 'jangada-server /srv/files'),
    serve(world, `jangada-server /srv/files --host ${twoAddress} --metrics ${twoAddress}:9464`),
    serve(world, `jangada-server /srv/example --host ${exampleAddress}`),
  ]);
  return {...world, ssh, numbersOfTwo: `${twoAddress}:9464`};
}
