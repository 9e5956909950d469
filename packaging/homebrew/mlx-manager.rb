# Filled in by scripts/fill-cask.mjs for each release.
cask "mlx-manager" do
  version "{{version}}"
  sha256 "{{sha256}}"

  url "https://github.com/mlx-manager/mlx-manager/releases/download/v#{version}/MLX-Manager-#{version}-arm64.dmg",
      verified: "github.com/mlx-manager/mlx-manager/"
  name "MLX Manager"
  desc "Runs language models with Apple MLX: engines, model servers, one address"
  homepage "https://github.com/mlx-manager/mlx-manager"

  auto_updates true
  depends_on arch: :arm64
  depends_on macos: ">= :sonoma"

  app "MLX Manager.app"
  binary "#{appdir}/MLX Manager.app/Contents/Resources/bin/mlx-manager"

  uninstall quit: "app.mlx-manager.MLXManager"

  zap trash: [
    "~/Library/Application Support/MLX Manager",
    "~/Library/Preferences/app.mlx-manager.MLXManager.plist",
    "~/Library/Saved Application State/app.mlx-manager.MLXManager.savedState",
  ]
end
