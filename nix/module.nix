# NixOS module: narsil serve as a service, with donations and subscriptions.
#
#   imports = [ ./nix/module.nix ];
#   services.narsil = {
#     enable = true;
#     package = pkgs.callPackage ./nix/package.nix { distribution = ...; jdk = ...; };
#     settings.ipfs.api = "http://127.0.0.1:5001";
#     donations = [ { name = "hello"; paths = [ pkgs.hello ]; maxSize = "10GB"; } ];
#     subscriptions = [ {
#       name = "channel"; source = "https://channels.nixos.org/nixos-unstable/store-paths.xz";
#       every = "1d"; between = "01:00-06:00"; maxSize = "200GB";
#     } ];
#   };
{ config, lib, pkgs, ... }:

let
  inherit (lib) mkEnableOption mkIf mkOption types;

  cfg = config.services.narsil;

  toml = pkgs.formats.toml { };
  configFile = toml.generate "narsil.toml" cfg.settings;

  name = types.strMatching "[A-Za-z0-9._-]{1,64}";
  size = types.strMatching "[0-9]+ ?(B|[kMGT]B|[KMGT]iB)?";
  time = types.strMatching "[0-9]+(ms|s|m|h|d|w)";

  # Only the name of a path: that it is donated does not make it part of this system.
  pathName = path: builtins.unsafeDiscardStringContext "${path}";

  donation = types.submodule {
    options = {
      name = mkOption {
        type = name;
        description = "What it is called.";
      };
      paths = mkOption {
        type = types.nonEmptyListOf (types.either types.package types.str);
        description = "Packages or store paths, whose closures are donated.";
        example = [ "/nix/store/<digest>-hello-2.12" ];
      };
      maxSize = mkOption {
        type = size;
        default = "10GB";
        description = "Most bytes of NAR of the closures; with more, it is refused.";
      };
      uploadRate = mkOption {
        type = types.nullOr size;
        default = null;
        description = "Most bytes a second that are sent to the daemon. What that sends to others is not bounded by this.";
      };
      maxPeers = mkOption {
        type = types.ints.unsigned;
        default = 0;
        description = "Most peers the daemon shall have, 0 for its own matter. This only warns.";
      };
      skipPrivate = mkOption {
        type = types.bool;
        default = false;
        description = "Leave out paths that no public key has signed, instead of refusing the closure.";
      };
    };
  };

  subscription = types.submodule {
    options = {
      name = mkOption {
        type = name;
        description = "What it is called.";
      };
      source = mkOption {
        type = types.either types.package types.str;
        description = "A package or store path, the URL of a list of store paths, or ipns://NAME of one.";
      };
      every = mkOption {
        type = time;
        default = "1d";
        description = "Time between two runs.";
      };
      between = mkOption {
        type = types.nullOr (types.strMatching "[0-2][0-9]:[0-5][0-9]-[0-2][0-9]:[0-5][0-9]");
        default = null;
        description = "When it may run, in local time; null for at any time.";
        example = "01:00-06:00";
      };
      maxSize = mkOption {
        type = size;
        default = "50GB";
        description = "Most bytes of NAR of the closures; with more, nothing is brought.";
      };
    };
  };

  donate = each: lib.escapeShellArgs (
    [ "donate" "add" "--replace" "--max-size" each.maxSize ]
    ++ lib.optionals (each.uploadRate != null) [ "--upload-rate" each.uploadRate ]
    ++ lib.optionals (each.maxPeers > 0) [ "--max-peers" (toString each.maxPeers) ]
    ++ lib.optional each.skipPrivate "--skip-private"
    ++ [ each.name ]
    ++ map pathName each.paths
  );

  subscribe = each: lib.escapeShellArgs (
    [ "subscribe" "add" "--replace" "--every" each.every "--max-size" each.maxSize ]
    ++ lib.optionals (each.between != null) [ "--between" each.between ]
    ++ [ each.name (pathName each.source) ]
  );

  # Tells the running server what is declared. A donation that is refused fails the unit, after the others.
  sharing = pkgs.writeShellScript "narsil-sharing" ''
    set -u
    failed=0
    until curl --silent --insecure --output /dev/null --fail ${lib.escapeShellArg cfg.readyUrl}; do sleep 1; done

    # 75: the server has not yet opened its control socket
    narsil() {
      local tries status
      for ((tries = 10; tries > 0; tries--)); do
        command narsil "$@" && return 0
        status=$?
        [ "$status" = 75 ] || return "$status"
        sleep 1
      done
      return "$status"
    }

    remove_others() {
      local command=$1 list=$2 name
      shift 2
      for name in $(narsil "$command" list --json | jq --raw-output --arg list "$list" '.[$list][].name'); do
        case " $* " in
          *" $name "*) ;;
          *) narsil "$command" remove "$name" || failed=1 ;;
        esac
      done
    }

    ${lib.concatMapStrings (each: "narsil ${donate each} || failed=1\n") cfg.donations}
    ${lib.concatMapStrings (each: "narsil ${subscribe each} || failed=1\n") cfg.subscriptions}
    ${lib.optionalString cfg.removeUndeclared ''
      remove_others donate donations ${lib.escapeShellArgs (map (each: each.name) cfg.donations)}
      remove_others subscribe subscriptions ${lib.escapeShellArgs (map (each: each.name) cfg.subscriptions)}
    ''}
    exit "$failed"
  '';

  hardening = {
    NoNewPrivileges = true;
    ProtectSystem = "strict";
    ProtectHome = true;
    PrivateTmp = true;
    PrivateDevices = true;
    ProtectKernelTunables = true;
    ProtectKernelModules = true;
    ProtectKernelLogs = true;
    ProtectControlGroups = true;
    ProtectClock = true;
    ProtectHostname = true;
    RestrictNamespaces = true;
    RestrictRealtime = true;
    RestrictSUIDSGID = true;
    LockPersonality = true;
    CapabilityBoundingSet = "";
    RestrictAddressFamilies = [ "AF_UNIX" "AF_INET" "AF_INET6" ];
    SystemCallFilter = "@system-service";
    SystemCallErrorNumber = "EPERM";
    # MemoryDenyWriteExecute would stop the JVM's compiler.
  };

  common = {
    User = "narsil";
    Group = "narsil";
    StateDirectory = "narsil";
    StateDirectoryMode = "0700";
    UMask = "0077";
  };

  environment = {
    NARSIL_CONFIG = configFile;
    NARSIL_DATA = "/var/lib/narsil";
  };
in
{
  options.services.narsil = {
    enable = mkEnableOption "Narsil, a deduplicating Nix binary cache";

    package = mkOption {
      type = types.package;
      description = "Narsil, such as package.nix makes it.";
    };

    listen = mkOption {
      type = types.nonEmptyListOf types.str;
      default = [ "127.0.0.1:7745" ];
      description = "Where to listen: HOST:PORT or unix:PATH.";
    };

    readyUrl = mkOption {
      type = types.str;
      default = "http://${builtins.head cfg.listen}/readyz";
      description = "Where to see that the server runs, before donations and subscriptions are told to it.";
    };

    openFirewallPorts = mkOption {
      type = types.listOf types.port;
      default = [ ];
      description = "TCP ports to open in the firewall.";
    };

    settings = mkOption {
      type = toml.type;
      default = { };
      description = "The configuration file, by sections; 'narsil config show' lists the settings.";
      example = { access.open-reads = true; ipfs.api = "http://127.0.0.1:5001"; };
    };

    donations = mkOption {
      type = types.listOf donation;
      default = [ ];
      description = "Closures that are published in IPFS and kept there; takes settings.ipfs.api.";
    };

    subscriptions = mkOption {
      type = types.listOf subscription;
      default = [ ];
      description = "Closures that are brought into the store again and again.";
    };

    removeUndeclared = mkOption {
      type = types.bool;
      default = true;
      description = "Remove donations and subscriptions that are not declared here, such as those added by hand.";
    };
  };

  config = mkIf cfg.enable {
    assertions = [
      {
        assertion = cfg.donations == [ ] || cfg.settings ? ipfs && cfg.settings.ipfs ? api;
        message = "services.narsil.donations takes a Kubo daemon: set services.narsil.settings.ipfs.api";
      }
      {
        assertion = lib.allUnique (map (each: each.name) cfg.donations);
        message = "services.narsil.donations: a name is there twice";
      }
      {
        assertion = lib.allUnique (map (each: each.name) cfg.subscriptions);
        message = "services.narsil.subscriptions: a name is there twice";
      }
    ];

    services.narsil.settings.serve.listen = lib.mkDefault cfg.listen;

    networking.firewall.allowedTCPPorts = cfg.openFirewallPorts;

    environment.systemPackages = [ cfg.package ];

    users.users.narsil = {
      isSystemUser = true;
      group = "narsil";
    };
    users.groups.narsil = { };

    systemd.services.narsil = {
      description = "Narsil, a deduplicating Nix binary cache";
      after = [ "network.target" ];
      wantedBy = [ "multi-user.target" ];
      environment = environment // { ROCKSDB_SHAREDLIB_DIR = "/var/cache/narsil"; };
      serviceConfig = common // hardening // {
        ExecStart = "${cfg.package}/bin/narsil serve";
        CacheDirectory = "narsil";
        RuntimeDirectory = "narsil";
        RuntimeDirectoryMode = "0755";
        LimitNOFILE = 65536;
        TimeoutStopSec = 60;
        # a JVM ends with 128 + 15 after SIGTERM
        SuccessExitStatus = 143;
        Restart = "on-failure";
      };
    };

    systemd.services.narsil-sharing = {
      description = "Donations and subscriptions of Narsil";
      after = [ "narsil.service" ];
      requires = [ "narsil.service" ];
      wantedBy = [ "multi-user.target" ];
      path = [ cfg.package pkgs.curl pkgs.jq ];
      inherit environment;
      serviceConfig = common // hardening // {
        Type = "oneshot";
        RemainAfterExit = true;
        ExecStart = sharing;
        TimeoutStartSec = 300;
      };
    };
  };
}
