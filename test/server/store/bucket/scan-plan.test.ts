import assert from 'node:assert/strict';
import {test} from 'node:test';
import {prepareMasks} from '../../../../protocol/masks/masks.ts';
import {planScans, type ScanPlan} from '../../../../server/store/bucket/find/scan-plan.ts';

test('only keys with the fixed beginning of a mask are listed, and each of them once', () => {
  const deep = (prefix: string) => ({prefix, isDeep: true});
  const flat = (prefix: string) => ({prefix, isDeep: false});
  const cases: [masks: string[], plan: ScanPlan][] = [
    [['**'], {names: [], scans: [deep('')]}],
    [['!a'], {names: [], scans: [deep('')]}],
    [['*'], {names: [], scans: [flat('')]}],
    [['*/'], {names: [], scans: [flat('')]}],
    [['*/x'], {names: [], scans: [deep('')]}],
    [['a/b.txt', 'c'], {names: ['a/b.txt', 'c'], scans: []}],
    [['a/'], {names: ['a'], scans: []}],
    [['a\\*b'], {names: ['a*b'], scans: []}],
    [['{a,b}/x'], {names: ['a/x', 'b/x'], scans: []}],
    [['a/b*.txt'], {names: [], scans: [flat('a/b')]}],
    [['a/**', 'a/b/*'], {names: [], scans: [deep('a/')]}],
    [['z/*', 'a/**'], {names: [], scans: [deep('a/'), flat('z/')]}],
    [['a*', 'ab*'], {names: [], scans: [flat('a')]}],
    [['*.txt', 'a/*.jpg'], {names: [], scans: [deep('')]}],
    [['a[bc]', 'a?'], {names: [], scans: [flat('a')]}],
    [['a\nb*'], {names: [], scans: [flat('a\nb')]}],
    // No key contains half a character.
    [['a\ud800*', '\udc80', 'b*'], {names: [], scans: [flat('b')]}],
  ];
  for (const [masks, plan] of cases) {
    assert.deepEqual(planScans(prepareMasks(masks).include), plan, masks.join(' '));
  }
});
