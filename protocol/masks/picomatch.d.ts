/** The part of picomatch that Jangada uses. The package brings no types of its own. */
declare module 'picomatch' {
  type Options = {
    dot?: boolean;
    fastpaths?: boolean;
    nobrace?: boolean;
    noext?: boolean;
    nocase?: boolean;
    posix?: boolean;
    strictSlashes?: boolean;
    windows?: boolean;
  };

  const picomatch: {
    /** The regular expression of one glob. @throws TypeError for an empty one. */
    makeRe(glob: string, options?: Options): RegExp;
  };
  export default picomatch;
}
