/** Runs the lines of docs/classic.md as printed. */
import assert from 'node:assert/strict';
import {chmodSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import process from 'node:process';
import type {TestContext} from 'node:test';
import {noise} from '../fixtures/harness.ts';
import {printed, testPage} from './lines/test-page.ts';
import {serve, type, write} from './lines/typing.ts';
import {noWorld, startWorld, type World} from './lines/world.ts';

const list = ['barco.jpg (51200 bytes)', 'notas.txt (1200 bytes)'] as const;
const notes = noise(1200);

/** A substitute for `nc`. With -N it closes its sending side at the end of standard input. */
const netcat = `#!${process.execPath}
const words = process.argv.slice(2).filter(word => word !== '-N');
const [host, port] = words;
const socket = require('node:net').connect({host, port, allowHalfOpen: true});
process.stdin.pipe(socket, {end: process.argv.includes('-N')});
socket.pipe(process.stdout);
`;

testPage<World>('classic', {
  skip: noWorld(),
  prepare,
  lines: {
    async 'jangada-server --classic ~/public'(place, line) {
      await serve(place, line);
    },
    async '$ nc 127.0.0.1 1234'(place, line) {
      const screen = place.screen(line.slice(2));
      screen.type('1\r');
      // The order of the files is that of the disk, so any order is right.
      await screen.waitFor(text => list.every(file => text.split('\n').includes(file)));
      screen.press('ctrl-c');
      await screen.ended();
    },
    '1': printed,
    [list[0]]: printed,
    [list[1]]: printed,
    async "printf '2notas.txt' | nc -N 127.0.0.1 1234 | tail -c +39 > notas.txt"(place, line) {
      await type(place, line);
      assert.ok(readFileSync(join(place.work, 'notas.txt')).equals(notes));
    },
  },
});

async function prepare(t: TestContext): Promise<World> {
  const world = await startWorld(t);
  write(join(world.home, 'public/barco.jpg'), noise(51_200, 2));
  write(join(world.home, 'public/notas.txt'), notes);
  const program = join(world.home, 'bin/nc');
  write(program, netcat);
  chmodSync(program, 0o755);
  return world;
}
