import assert from 'node:assert/strict';
import {mkdirSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {formatAddress} from '../../../protocol/address.ts';
import {sshHosts} from '../../../source/servers/ssh-config.ts';
import {temporaryFolder} from '../../fixtures/harness.ts';

/** The hosts of a home folder whose `~/.ssh` has `files`, by their paths. */
function hostsIn(t: TestContext, files: Readonly<Record<string, string>>): string[] {
  const folder = join(temporaryFolder(t), '.ssh');
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), {recursive: true});
    writeFileSync(join(folder, name), text);
  }

  return sshHosts(folder).map(address => formatAddress(address));
}

test('the hosts of the ssh configuration are offered once each, in order, without patterns', t => {
  const config = [
    'User me # Host remark',
    'Host nas backup.example.org *.example.org !bad web?',
    '  HostName 192.0.2.7',
    '\thost = "two words" quoted',
    'HOST nas last # not-this',
    'Match host other',
    'Hosts nothing',
    'Host -oProxyCommand=evil a/b c:22 a@b %h',
  ].join('\r\n');
  assert.deepEqual(hostsIn(t, {config}), [
    'ssh://nas',
    'ssh://backup.example.org',
    'ssh://quoted',
    'ssh://last',
  ]);
});

test('included files are read: by glob, from the home folder, and nested', t => {
  const files = {
    config: 'Include conf.d/*.conf ~/.ssh/more "with space"\nHost end',
    'conf.d/2.conf': 'Host two',
    'conf.d/1.conf': 'Host one\nInclude deep/x',
    'conf.d/.hidden.conf': 'Host hidden',
    'conf.d/other': 'Host other',
    'deep/x': 'Host deep',
    more: 'Host more',
    'with space': 'Host space',
  };
  assert.deepEqual(hostsIn(t, files), [
    'ssh://one',
    'ssh://deep',
    'ssh://two',
    'ssh://more',
    'ssh://space',
    'ssh://end',
  ]);
});

test('a file that includes itself, a file that is too large, and a folder in place of a file cause no endless reading', t => {
  assert.deepEqual(hostsIn(t, {config: 'Include config\nInclude config\nHost a'}), ['ssh://a']);
  assert.deepEqual(
    hostsIn(t, {config: 'Host a\nInclude big\n', big: `#${' '.repeat(2 ** 20)}\nHost b`}),
    ['ssh://a'],
  );
  assert.deepEqual(hostsIn(t, {'config/x': ''}), []);
  assert.deepEqual(sshHosts(join(temporaryFolder(t), 'none')), []);
});
