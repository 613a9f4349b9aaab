/**
 * The completion scripts for shells. They contain no candidates but ask the program, so they stay correct when the program
 * is updated.
 */

export const shells = ['bash', 'zsh', 'fish', 'powershell'] as const;
export type Shell = (typeof shells)[number];

export function isShell(word: string): word is Shell {
  return shells.some(shell => shell === word);
}

/** The script for `shell`; ends with a line feed. */
export function completionScript(shell: Shell, program: string): string {
  const name = program.replaceAll('-', '_');
  return {bash, zsh, fish, powershell}[shell](program, name);
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

/**
 * The words go to the program as JSON in base64, and come back as JSON: no PowerShell changes either. An empty text instead
 * of no result keeps PowerShell from completing local files. With a result that is a container, the line editor leaves the
 * cursor before a closing quote; on Windows the editor would add a backslash to the name.
 */
const powershell = (program: string) => `# PowerShell completion of ${program}
Register-ArgumentCompleter -Native -CommandName '${program}' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @()
    $end = -1
    foreach ($element in ($commandAst.CommandElements | Select-Object -Skip 1)) {
        $extent = $element.Extent
        if ($extent.StartOffset -ge $cursorPosition) { break }
        $end = $extent.EndOffset
        $isString = $element -is [System.Management.Automation.Language.StringConstantExpressionAst]
        $isPlain = $element -is [System.Management.Automation.Language.CommandParameterAst] -or
            $element -is [System.Management.Automation.Language.ConstantExpressionAst]
        if ($end -gt $cursorPosition -and $isPlain -and $extent.Text -notmatch '[''"\`]') {
            $words += $extent.Text.Substring(0, $cursorPosition - $extent.StartOffset)
        } elseif ($end -gt $cursorPosition) {
            $words += $null
        } elseif ($isString) {
            $words += $element.Value
        } elseif ($isPlain) {
            $words += $extent.Text
        } else {
            $words += $null
        }
    }
    if ($end -lt $cursorPosition) { $words += '' }
    $json = ConvertTo-Json -Compress -InputObject $words
    $encoded = [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes($json))
    $status = $global:LASTEXITCODE
    $answer = & '${program}' __complete powershell $encoded 2>$null | ConvertFrom-Json
    $global:LASTEXITCODE = $status
    $results = @(
        foreach ($word in $answer.words) {
            $isOpen = $word.text.EndsWith('/') -and [IO.Path]::DirectorySeparatorChar -eq '/'
            $type = if ($isOpen) { 'ProviderContainer' } else { 'ParameterValue' }
            [System.Management.Automation.CompletionResult]::new($word.quoted, $word.text, $type, $word.about)
        }
        if ($answer.kind -eq 'files' -or $answer.kind -eq 'folders') {
            $before, $begun = if ($words[-1] -match '^(--[^=]*=)(.*)$') { $Matches[1], $Matches[2] } else { '', $words[-1] }
            foreach ($local in [System.Management.Automation.CompletionCompleters]::CompleteFilename($begun)) {
                if ($answer.kind -eq 'folders' -and $local.ResultType -ne 'ProviderContainer') { continue }
                $text = $before + $local.CompletionText
                [System.Management.Automation.CompletionResult]::new($text, $local.ListItemText, $local.ResultType, $local.ToolTip)
            }
        }
    )
    if ($results.Count -eq 0) { '' } else { $results }
}
`;
