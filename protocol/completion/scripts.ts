/**
 * The completion scripts for shells. They contain no candidates but ask the program, so they stay correct when the program
 * is updated.
 */

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

export function isShell(word: string): word is Shell {
  return shells.some(shell => shell === word);
}

/** The script for `shell`; ends with a line feed. */
export function completionScript(shell: Shell, program: string): string {
  const name = program.replaceAll('-', '_');
  return {bash, zsh, fish}[shell](program, name);
}

/** COMPREPLY has the words with their quotes, so bash expands nothing. */
const bash = (program: string, name: string) => `# bash completion of ${program}
_${name}() {
  local kind word
  COMPREPLY=()
  {
    IFS= read -r kind
    case $kind in
      files) compopt -o default 2>/dev/null ;;
      folders) compopt -o plusdirs 2>/dev/null ;;
    esac
    while IFS= read -r word; do COMPREPLY+=("$word"); done
  } < <(command ${program} __complete bash "$COMP_LINE" "$COMP_POINT" "$2" 2>/dev/null </dev/null)
  if [[ \${#COMPREPLY[@]} -eq 1 && \${COMPREPLY[0]} == */ ]]; then
    compopt -o nospace 2>/dev/null
  fi
}
complete -F _${name} ${program}
`;

/**
 * \`(Q)\` removes quotes, and expands nothing. The script starts \`compinit\` if the shell has not. With \`-i\`, \`compinit\`
 * ignores folders that others can write to, instead of asking about them.
 */
const zsh = (program: string, name: string) => `#compdef ${program}
# zsh completion of ${program}
_${name}() {
  local kind
  local -a lines
  lines=("\${(@f)$(command ${program} __complete zsh "\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}" 2>/dev/null </dev/null)}")
  kind=$lines[1]
  shift lines
  local -a open whole
  open=(\${(M)lines:#(*/|*/:*)})
  whole=(\${lines:#(*/|*/:*)})
  _describe -t words ${program} open -S '' -- whole
  compset -P '--[^=]##='
  case $kind in
    files) _files ;;
    folders) _files -/ ;;
  esac
}
if [[ $funcstack[1] == _${name} ]]; then
  _${name} "$@"
else
  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit -i }
  compdef _${name} ${program}
fi
`;

/** fish quotes the words that it inserts. A quote at the cursor is not closed yet. */
const fish = (program: string, name: string) => `# fish completion of ${program}
function __${name}_complete
    set -l words (commandline -opc)
    set -e words[1]
    set -l token "$(commandline -ct)"
    set -l begun "$(string unescape -- $token; or string unescape -- "$token\\""; or string unescape -- "$token'")"
    set -l lines (command ${program} __complete fish $words "$begun" 2>/dev/null </dev/null)
    set -l kind $lines[1]
    set -e lines[1]
    set -l before (string match -r -- '^--[^=]*=' $token)
    set -l local (string replace -r -- '^--[^=]*=' '' $token)
    switch "$kind"
        case files
            string join -- \\n "$before"(complete -C "__no_such_command $local")
        case folders
            string join -- \\n "$before"(__fish_complete_directories $local '')
    end
    string join -- \\n $lines
end
complete -c ${program} -f -a '(__${name}_complete)'
`;
