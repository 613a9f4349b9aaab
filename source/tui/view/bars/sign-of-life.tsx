/**
 * The sign of activity: one spinner, in the first cell of the header, mounted only while something connects, reads or
 * checks.
 */
import {Box, Text} from 'ink';
import Spinner from 'ink-spinner';
import {type ReactNode, useContext, useEffect, useState} from 'react';
import type {App} from '../../model/app.ts';
import {LookContext} from '../look.ts';

/** Shorter work needs no sign: it would only flash. */
const patienceMs = 80;

export function SignOfLife(): ReactNode {
  const {glyphs, theme} = useContext(LookContext);
  const [isLong, setLong] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLong(true), patienceMs);
    return () => clearTimeout(timer);
  }, []);
  return isLong ? (
    <Box position="absolute" left={0} top={0} aria-hidden>
      <Text {...theme.tones.accent}>
        <Spinner type={glyphs.spinner} />
      </Text>
    </Box>
  ) : null;
}

/** Whether something connects, reads or checks. Waiting for the next attempt to reconnect is not work. */
export function isBusy(view: ReturnType<App['view']>): boolean {
  const {link, retryInSeconds, files, verifier, transfers} = view;
  const isWaiting = link.name === 'waiting' && retryInSeconds > 0;
  return (
    (!isWaiting && files.loading) ||
    files.sorting ||
    view.isComparing ||
    verifier.state.name === 'checking' ||
    verifier.hash.name === 'hashing' ||
    transfers.rows.some(({state}) => state.name === 'checking') ||
    (!isWaiting && transfers.rows.some(({state}) => state.name === 'connecting'))
  );
}
