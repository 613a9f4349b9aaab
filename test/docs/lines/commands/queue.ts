/** Lines of docs/commands.md about the queue. */
import {chmodSync, realpathSync, symlinkSync} from 'node:fs';
import {join} from 'node:path';
import process from 'node:process';
import {programWords} from '../../../end-to-end/journey.ts';
import type {Line} from '../test-page.ts';
import {hasFiles, serve, stop, type, write} from '../typing.ts';
import {boat, type Place} from './place.ts';

/** The shell and the environment in which cron runs commands on Debian. */
const cron = 'env -i HOME=~ LOGNAME=root SHELL=/bin/sh PATH=/usr/bin:/bin sh -c';

export const queueLines: Record<string, Line<Place>> = {
  async '0 3 * * * PATH=/opt/node/bin:$PATH jangada queue run --quiet --token-file ~/nas.token'(
    place,
    line,
  ) {
    // A link, as npm installs the program. The first line of the program looks for node in PATH.
    const [, program = ''] = programWords('jangada', []);
    symlinkSync(realpathSync(program), join(place.own.opt, 'node/bin/jangada'));
    symlinkSync(realpathSync(process.execPath), join(place.own.opt, 'node/bin/node'));
    const token = join(place.home, 'nas.token');
    write(token, `${'t'.repeat(43)}\n`);
    chmodSync(token, 0o600);
    const [address, server] = await serve(
      place,
      'jangada-server /srv/files --port 1235 --token-file ~/nas.token',
    );
    const toFetch = `photos/boat.jpg -s ${address} --to ~/night`;
    await type(place, `JANGADA_TOKEN=$(cat ~/nas.token) jangada queue add ${toFetch}`);
    await type(place, 'jangada queue run', 4);
    const command = line.replace('0 3 * * * ', '');
    await type(place, `${cron} '${command.replace('PATH=/opt/node/bin:$PATH ', '')}'`, 127);
    await type(place, `${cron} '${command}'`);
    hasFiles(join(place.home, 'night'), new Map([['boat.jpg', boat]]));
    await stop(server);
  },
};
