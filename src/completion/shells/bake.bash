# Completion of bake for bash. In ~/.bashrc:  source <(bake completion bash)
_bake() {
  local value rest
  COMPREPLY=()
  while IFS=$'\t' read -r value rest; do
    case $value in
      :files)
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -f -- "$2")
        ;;
      :directories)
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -d -- "$2")
        ;;
      *) COMPREPLY+=("$value") ;;
    esac
  done < <("${1/#\~/$HOME}" complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _bake bake
