# Narsil from a distribution that ./narsil has built: gateway/target/narsil-<version>.
#
#   services.narsil.package = pkgs.callPackage ./nix/package.nix { distribution = ./gateway/target/narsil-0.1.0-SNAPSHOT; };
{ lib, stdenv, makeWrapper, bash, jdk, distribution }:

stdenv.mkDerivation {
  pname = "narsil";
  version = lib.removePrefix "narsil-" (baseNameOf (toString distribution));
  src = distribution;

  nativeBuildInputs = [ makeWrapper ];
  buildInputs = [ bash ];

  dontConfigure = true;
  dontBuild = true;

  # RocksDB's native library is linked with libstdc++, which a Nix system has in no usual place.
  installPhase = ''
    runHook preInstall
    mkdir -p $out/share
    cp -r . $out/share/narsil
    chmod +x $out/share/narsil/bin/narsil
    patchShebangs $out/share/narsil/bin
    makeWrapper $out/share/narsil/bin/narsil $out/bin/narsil \
      --set-default NARSIL_JAVA_HOME ${jdk} \
      --prefix LD_LIBRARY_PATH : ${lib.makeLibraryPath [ stdenv.cc.cc.lib ]}
    runHook postInstall
  '';

  meta = {
    description = "A deduplicating Nix binary cache";
    license = lib.licenses.asl20;
    mainProgram = "narsil";
    platforms = [ "x86_64-linux" "aarch64-linux" ];
  };
}
