# Completion of bake for fish. In ~/.config/fish/config.fish:  bake completion fish | source
# or as the file ~/.config/fish/completions/bake.fish.
function __bake_complete
    set -l words (commandline -opc) (commandline -ct)
    set -l found (command bake complete -- $words[2..-1] 2>/dev/null)
    switch "$found[1]"
        case ':files*'
            __fish_complete_path (commandline -ct)
        case ':directories*'
            __fish_complete_directories (commandline -ct)
        case '*'
            string join \n -- $found
    end
end
complete -c bake -f -a '(__bake_complete)'
