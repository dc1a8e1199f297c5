#compdef bake
# Completion of bake for zsh. In ~/.zshrc, after compinit:  source <(bake completion zsh)
# or as a file _bake in a directory of $fpath.
_bake() {
  local line
  local -a found
  for line in "${(@f)$("${words[1]/#\~/$HOME}" complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    case $line in
      '') ;;
      :files*) _files; return ;;
      :directories*) _files -/; return ;;
      *) found+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}") ;;
    esac
  done
  _describe -t words 'bake' found
}
if [ "${funcstack[1]}" = _bake ]; then
  _bake "$@"
else
  compdef _bake bake
fi
