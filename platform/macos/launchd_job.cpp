#include "platform/macos/launchd_job.hpp"

#include <fmt/format.h>

namespace rollcall::platform
{

static std::string xml_text(std::string_view text)
{
    std::string safe;
    for (auto const byte : text) {
        if (byte == '&')
            safe += "&amp;";
        else if (byte == '<')
            safe += "&lt;";
        else if (byte == '>')
            safe += "&gt;";
        else
            safe += byte;
    }
    return safe;
}

std::string launchd_label(std::string_view service_name)
{
    std::string label = "com";
    for (auto const letter : service_name) {
        bool const capital = letter >= 'A' && letter <= 'Z';
        if (capital || label.size() == 3) label += '.';
        label += capital ? static_cast<char>(letter - 'A' + 'a') : letter;
    }
    return label;
}

std::string launchd_definition(ServiceSetup const& setup)
{
    std::string arguments;
    for (auto const& argument : setup.command)
        arguments += fmt::format("        <string>{}</string>\n", xml_text(argument));
    return fmt::format(R"(<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
    <key>Label</key>
    <string>{}</string>
    <key>ProgramArguments</key>
    <array>
{}    </array>
    <key>RunAtLoad</key>
    <true/>
    <key>KeepAlive</key>
    <true/>
    <key>ThrottleInterval</key>
    <integer>60</integer>
    <key>ProcessType</key>
    <string>Background</string>
    <key>Umask</key>
    <integer>63</integer>
    <key>WorkingDirectory</key>
    <string>/</string>
</dict>
</plist>
)",
                       xml_text(launchd_label(setup.name)), arguments);
}

} // namespace rollcall::platform
