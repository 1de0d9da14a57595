#include "agent/probe/probe.hpp"

namespace rollcall::probe
{

namespace
{

class AddressesReader final : public Reader
{
public:
    explicit AddressesReader(Context context)
        : context_(std::move(context))
    {
    }
    [[nodiscard]] Result<Snapshot> read() override
    {
        auto const seen = context_.machine->network->addresses();
        if (!seen) return seen.error();
        Snapshot rows;
        for (auto const& address : *seen) {
            // Two interfaces may have the same one.
            auto const key = rows.contains(address.text) ? address.text + "%" + address.interface_name : address.text;
            rows[key] = {{"interface", address.interface_name},
                         {"family", std::string(address.v6 ? "IPv6" : "IPv4")},
                         {"prefix_length", std::int64_t{address.prefix_length}}};
        }
        return rows;
    }

private:
    Context context_;
};

} // namespace

std::unique_ptr<Reader> make_addresses_reader(Context const& context)
{
    return std::make_unique<AddressesReader>(context);
}

} // namespace rollcall::probe
