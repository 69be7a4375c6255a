/** Shells that can complete a command line of `holdfast`. */
export const SHELLS = ["bash", "zsh", "fish"] as const;

export type Shell = (typeof SHELLS)[number];

/*
 * What is typed reaches `holdfast complete` as arguments and is never evaluated: TAB must not run a command that somebody has
 * only typed. The last line of an answer says whether paths belong there.
 */
const BASH = `# Completion of holdfast for bash.
_holdfast() {
  local word
  COMPREPLY=()
  while IFS= read -r word; do
    if [[ $word == :paths ]]; then
      compopt -o default
    elif [[ $word != :* ]]; then
      COMPREPLY+=("\${word%%$'\\t'*}")
    fi
  done < <(holdfast complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _holdfast holdfast`;

const ZSH = `#compdef holdfast
# Completion of holdfast for zsh.
_holdfast() {
  local line
  local -a found
  while IFS= read -r line; do
    if [[ $line == :paths ]]; then
      _files
    elif [[ $line != :* ]]; then
      found+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
    fi
  done < <(holdfast complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  (( $#found )) && _describe holdfast found
}
if [[ $funcstack[1] == _holdfast ]]; then _holdfast "$@"; else compdef _holdfast holdfast; fi`;

const FISH = `# Completion of holdfast for fish.
function __holdfast_complete
    set -l typed (commandline -ct)
    for line in (holdfast complete -- (commandline -opc)[2..-1] "$typed" 2>/dev/null)
        if test "$line" = :paths
            __fish_complete_path "$typed"
        else if not string match -q ':*' -- $line
            echo $line
        end
    end
end
complete -c holdfast -f -a '(__holdfast_complete)'`;

/** The script that a shell reads to complete \`holdfast\`. */
export const SCRIPTS: Readonly<Record<Shell, string>> = { bash: BASH, zsh: ZSH, fish: FISH };
