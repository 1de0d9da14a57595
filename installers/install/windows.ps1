# Installs the Rollcall agent on this machine and enrols it with the token that comes through the pipe. A collector of
# Rollcall has filled in itself, its key and the files of its newest release: nothing that differs is installed.
# For Windows PowerShell 5.1 and later.
$ErrorActionPreference = 'Stop'

$collector = '@ADDRESS@'
$pin = '@PIN@'
$version = '@VERSION@'
$missing = '@MISSING@'
# kind architecture bytes SHA-256 name
$files = '@FILES@'

$identity = Join-Path $env:ProgramData 'Rollcall\rollcall-agent\data\identity.json'
$enrolLimitS = 90
$token = ([string]::Join('', @($input))).Trim()

function Stop-Here([string] $why) { throw "rollcall: $why" }

function Test-Machine
{
    $me = New-Object Security.Principal.WindowsPrincipal([Security.Principal.WindowsIdentity]::GetCurrent())
    if (-not $me.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)) {
        Stop-Here 'only an administrator can install: open PowerShell with "Run as administrator".'
    }
    if ($missing) { Stop-Here $missing }
    if (Test-Path -LiteralPath $identity) { Stop-Here 'this machine is enrolled already. To give it to another collector or customer: rollcall-agent enrol --replace' }
    # An agent for x86_64 also runs where Windows 11 translates it.
    if (-not [Environment]::Is64BitOperatingSystem) { Stop-Here 'there is no agent for 32-bit Windows.' }
    if (-not (Get-Command curl.exe -ErrorAction SilentlyContinue)) {
        Stop-Here 'there is no curl.exe here to fetch the agent with (Windows 10 1803 and Server 2019 have it): install the .msi by hand.'
    }
}

function Test-Token
{
    if ($token -notmatch '^rc1\.[A-Za-z0-9._-]+$') {
        Stop-Here 'what came through the pipe is no token: copy the whole line from the collector''s page.'
    }
}

function Find-File
{
    foreach ($line in $files -split "`n") {
        $kind, $architecture, $bytes, $sha256, $name = $line.Trim() -split ' '
        if ($kind -eq 'msi' -and $architecture -eq 'x86_64') {
            return @{ bytes = [long] $bytes; sha256 = $sha256; name = $name }
        }
    }
    Stop-Here "release $version has no .msi: ask whoever looks after the collector for one that has."
}

# Of administrators and the system alone: the token lies there for a moment.
function New-OwnFolder
{
    $folder = Join-Path $env:SystemRoot ('Temp\rollcall-' + [guid]::NewGuid())
    New-Item -ItemType Directory -Path $folder | Out-Null
    & icacls.exe $folder /inheritance:r /grant:r '*S-1-5-18:(OI)(CI)F' '*S-1-5-32-544:(OI)(CI)F' | Out-Null
    if ($LASTEXITCODE -ne 0) { Stop-Here "the folder $folder could not be closed to others." }
    return $folder
}

function Get-Agent($file, [string] $folder)
{
    $path = Join-Path $folder $file.name
    Write-Host "Fetching $($file.name) from $collector ..."
    & curl.exe --fail --silent --show-error --insecure --proto '=https' --pinnedpubkey "sha256//$pin" --max-filesize $file.bytes `
        --retry 3 --connect-timeout 20 --output $path "https://$collector/install/files/$($file.sha256)/$($file.name)"
    if ($LASTEXITCODE -ne 0) { Stop-Here 'the agent could not be fetched; curl said why.' }
    if ((Get-Item -LiteralPath $path).Length -ne $file.bytes) { Stop-Here "$($file.name) has not the size that the collector told: run the line again." }
    if ((Get-FileHash -LiteralPath $path -Algorithm SHA256).Hash -ne $file.sha256) {
        Stop-Here "$($file.name) is not what the collector told (its SHA-256 differs): it is not installed."
    }
    return $path
}

function Install-Agent([string] $package, [string] $folder)
{
    $tokenFile = Join-Path $folder 'token'
    [IO.File]::WriteAllText($tokenFile, $token + "`n")
    $log = Join-Path $env:SystemRoot 'Temp\rollcall-agent-install.log'
    $arguments = '/i', "`"$package`"", '/qn', '/norestart', '/l*', "`"$log`"", "TOKENFILE=`"$tokenFile`""
    $installer = Start-Process -FilePath msiexec.exe -ArgumentList $arguments -Wait -PassThru
    # 3010: done, and something else on this machine waits for a restart.
    if ($installer.ExitCode -ne 0 -and $installer.ExitCode -ne 3010) {
        Stop-Here "Windows Installer ended with $($installer.ExitCode); $log says why."
    }
}

function Wait-Enrolled
{
    Write-Host 'Installed; waiting until this machine is enrolled ...'
    $until = (Get-Date).AddSeconds($enrolLimitS)
    while (-not (Test-Path -LiteralPath $identity)) {
        if ((Get-Date) -gt $until) {
            Stop-Here "the agent is installed, but after $enrolLimitS s this machine is not enrolled. Its service tries again by itself, and its log in $env:ProgramData\Rollcall\rollcall-agent says why."
        }
        Start-Sleep -Seconds 1
    }
}

Test-Machine
Test-Token
$file = Find-File
$folder = New-OwnFolder
try {
    $package = Get-Agent $file $folder
    Install-Agent $package $folder
    Wait-Enrolled
} finally {
    Remove-Item -LiteralPath $folder -Recurse -Force -ErrorAction SilentlyContinue
}
Write-Host "Done: this machine is enrolled, and its agent $version runs."
