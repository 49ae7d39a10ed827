# Evaluates nix/module.nix without nixpkgs: its configuration for one set of options, with just as much of lib as it uses.
let
  escapeShellArg = text: "'" + builtins.replaceStrings [ "'" ] [ "'\\''" ] (toString text) + "'";
  type = { };
  lib = rec {
    inherit escapeShellArg;
    mkOption = option: option;
    mkEnableOption = description: { inherit description; };
    mkIf = condition: content: if condition then content else { };
    mkDefault = value: value;
    optional = condition: value: if condition then [ value ] else [ ];
    optionals = condition: values: if condition then values else [ ];
    optionalString = condition: text: if condition then text else "";
    concatMapStrings = f: values: builtins.concatStringsSep "" (map f values);
    escapeShellArgs = values: builtins.concatStringsSep " " (map escapeShellArg values);
    allUnique = values:
      builtins.length values == builtins.length (builtins.attrNames (builtins.listToAttrs (map (name: { inherit name; value = 0; }) values)));
    types = {
      package = type; str = type; bool = type; port = type; ints.unsigned = type;
      strMatching = _: type; nullOr = _: type; listOf = _: type; nonEmptyListOf = _: type; either = _: _: type;
      submodule = content: content;
    };
  };
  pkgs = {
    curl = "curl";
    jq = "jq";
    formats.toml = _: { inherit type; generate = _: value: builtins.toJSON value; };
    writeShellScript = _: text: text;
  };
  module = import ../nix/module.nix {
    inherit lib pkgs;
    config.services.narsil = {
      enable = true;
      package = "/narsil";
      listen = [ "127.0.0.1:7745" ];
      readyUrl = "http://127.0.0.1:7745/readyz";
      openFirewallPorts = [ ];
      settings.ipfs.api = "http://127.0.0.1:5001";
      removeUndeclared = true;
      donations = [
        {
          name = "hello";
          paths = [ "/nix/store/0123456789abcdfghijklmnpqrsvwxyz-hello-2.12" ];
          maxSize = "10GB";
          uploadRate = "2MB";
          maxPeers = 50;
          skipPrivate = true;
        }
      ];
      subscriptions = [
        {
          name = "channel";
          source = "https://example.org/it's";
          every = "1d";
          between = "01:00-06:00";
          maxSize = "200GB";
        }
      ];
    };
  };
in
{
  options = builtins.attrNames module.options.services.narsil;
  assertions = builtins.all (each: each.assertion) module.config.assertions;
  script = module.config.systemd.services.narsil-sharing.serviceConfig.ExecStart;
  start = module.config.systemd.services.narsil.serviceConfig.ExecStart;
}
